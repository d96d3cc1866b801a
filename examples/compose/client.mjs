// Makes a user and an auth token over CometChat's REST API, as an app's server does, and asks who the token belongs to.
// compose.yaml runs it beside the emulator, whose address and keys are in the environment.
const { COMETCHAT_EMULATOR_HOST: host, COMETCHAT_APP_ID: appid, COMETCHAT_API_KEY: apikey } = process.env;
const base = `${host.includes("://") ? host : `http://${host}`}/v3`;

async function call(method, path, credential, body) {
  const response = await fetch(base + path, {
    method,
    headers: { appid, ...credential, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const { data, error } = await response.json();
  if (error) throw new Error(`${method} ${path}: ${error.message} (${error.code})`);
  return data;
}

await call("POST", "/users", { apikey }, { uid: "node", name: "Node" }).catch((error) => {
  if (!error.message.includes("ERR_UID_ALREADY_EXISTS")) throw error; // an earlier run made the user
});
const { authToken } = await call("POST", "/users/node/auth_tokens", { apikey }, {});
const me = await call("GET", "/me", { authtoken: authToken });
console.log("Node: logged in as", me.name);
