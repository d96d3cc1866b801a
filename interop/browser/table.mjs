// Prints a line for each step as it ends.
export class Table {
  constructor(title, steps) {
    this.title = title;
    this.width = Math.max(...steps.map(({ name }) => name.length));
    this.done = 0;
    this.started = Date.now();
  }

  begin() {
    console.log(`\n${this.title}\n`);
    this.line('step', 'ok', 'ms', 'what was checked');
  }

  line(name, ok, ms, checks) {
    console.log(`  ${name.padEnd(this.width)}  ${ok.padEnd(3)} ${String(ms).padStart(5)}  ${checks}`);
  }

  async run({ name, checks }, step) {
    const began = Date.now();
    try {
      await step();
    } catch (error) {
      this.line(name, 'NO', Date.now() - began, checks);
      throw error;
    }
    this.line(name, 'yes', Date.now() - began, checks);
    this.done += 1;
  }

  end() {
    console.log(`\n  ${this.done} steps, ${((Date.now() - this.started) / 1000).toFixed(1)} s`);
  }
}
