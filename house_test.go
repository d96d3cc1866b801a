package cometchat_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const modulePath = "github.com/cometchat-go/cometchat"

// mayImport says which packages of this project a package may import; "." is the package cometchat. docs/architecture.md has
// the picture.
var mayImport = map[string][]string{
	".":                            {"internal/live", "internal/rest", "internal/xsync", "internal/redact", "internal/lenient"},
	"internal/live":                {"internal/rest", "internal/xsync", "internal/redact", "internal/lenient"},
	"internal/rest":                {"internal/xsync", "internal/redact", "internal/lenient"},
	"internal/xsync":               {},
	"internal/redact":              {},
	"internal/lenient":             {},
	"internal/record":              {".", "internal/lenient"},
	"webhook":                      {".", "internal/lenient", "internal/redact"},
	"filestore":                    {".", "internal/lenient", "internal/redact", "internal/record"},
	"redisstore":                   {".", "internal/lenient", "internal/redact", "internal/record"},
	"sessionstoretest":             {".", "internal/lenient", "internal/redact"},
	"cometchattest":                {".", "internal/lenient", "internal/redact", "cometchattest/internal/store"},
	"cometchattest/internal/store": {".", "internal/lenient", "internal/redact"},
}

// onlyIn says which packages may import a dependency.
var onlyIn = map[string][]string{
	"github.com/go-resty/resty/v2":   {"internal/rest"},
	"github.com/coder/websocket":     {"internal/live", "cometchattest"},
	modulePath + "/cometchattest":    {"cmd/cometchat-emulator", "interop/gosteps"},
	modulePath + "/sessionstoretest": {},
}

// TestHouse holds who may know whom.
func TestHouse(t *testing.T) {
	t.Parallel()
	t.Run("packages import what lies beneath them", func(t *testing.T) {
		t.Parallel()
		imports := packageImports(t)
		require.Contains(t, imports, ".")
		for dir, paths := range imports {
			allowed, listed := mayImport[dir]
			for _, imported := range paths {
				within, isOurs := strings.CutPrefix(imported+"/", modulePath+"/")
				within = path.Clean(within)
				if isOurs && listed {
					assert.Contains(t, allowed, within, "%s imports %s", dir, imported)
				} else if isOurs && strings.HasPrefix(dir, "internal/") {
					t.Errorf("%s is not listed in mayImport", dir)
				}
				if only, ok := onlyIn[imported]; ok && !strings.HasPrefix(dir, "examples/") {
					assert.Contains(t, only, dir, "%s imports %s", dir, imported)
				}
			}
		}
	})
	root := loadRoot(t)
	t.Run("no two files use each other in a circle", func(t *testing.T) {
		t.Parallel()
		assert.Empty(t, circles(root.arrows()))
	})
	t.Run("the store is the keeper's", func(t *testing.T) {
		t.Parallel()
		called := false
		root.eachUse(func(user, _ string, used types.Object) {
			if owner := receiverName(used); owner == "SessionStore" || owner == "SharedSessionStore" {
				called = true
				assert.Equal(t, "keeper.go", user, "%s calls %s.%s", user, owner, used.Name())
			}
		})
		assert.True(t, called, "this test finds no call at all")
	})
	t.Run("the client's half and the server's half do not use each other", func(t *testing.T) {
		t.Parallel()
		root.eachUse(func(user, definer string, used types.Object) {
			servers := strings.HasPrefix(user, "admin") || strings.HasPrefix(user, "tokenhandler")
			owner := receiverName(used)
			assert.False(t, servers && owner == "Client", "%s uses Client.%s of %s", user, used.Name(), definer)
			assert.False(t, !servers && owner == "Admin", "%s uses Admin.%s of %s", user, used.Name(), definer)
		})
	})
	t.Run("a resource's type knows no call", func(t *testing.T) {
		t.Parallel()
		root.eachUse(func(user, _ string, used types.Object) {
			if slices.Contains([]string{"user.go", "message.go", "conversation.go", "group.go"}, user) {
				assert.NotEqual(t, "Client", used.Name(), "%s uses Client", user)
				assert.NotEqual(t, "Admin", used.Name(), "%s uses Admin", user)
			}
		})
	})
}

// packageImports returns the imports of every package of the project, tests apart, by folder.
func packageImports(t *testing.T) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	require.NoError(t, filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "node_modules" || strings.HasPrefix(name, ".git")):
			return filepath.SkipDir
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(name))
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports[dir] = append(imports[dir], imported)
		}
		return nil
	}))
	return imports
}

// rootPackage is the package cometchat, type-checked.
type rootPackage struct {
	fset  *token.FileSet
	types *types.Package
	info  types.Info
}

func loadRoot(t *testing.T) *rootPackage {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-json=ImportPath,Export,GoFiles", ".")
	var stderr bytes.Buffer
	list.Stderr = &stderr
	out, err := list.Output()
	require.NoError(t, err, "%s", &stderr)
	exports, names := map[string]string{}, []string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Export string
			GoFiles            []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if p.ImportPath == modulePath {
			names = p.GoFiles
		}
	}
	require.NotEmpty(t, names)

	root := &rootPackage{fset: token.NewFileSet(), info: types.Info{Uses: map[*ast.Ident]types.Object{}}}
	var files []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(root.fset, name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, file)
	}
	config := types.Config{Importer: importer.ForCompiler(root.fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})}
	root.types, err = config.Check(modulePath, root.fset, files, &root.info)
	require.NoError(t, err)
	return root
}

// eachUse calls f for each use of a name, method or field that another file of the package declares.
func (p *rootPackage) eachUse(f func(user, definer string, used types.Object)) {
	for ident, used := range p.info.Uses {
		if used.Pkg() != p.types {
			continue
		}
		user, definer := p.fset.Position(ident.Pos()).Filename, p.fset.Position(used.Pos()).Filename
		if user != definer {
			f(user, definer, used)
		}
	}
}

// arrows returns which files each file uses.
func (p *rootPackage) arrows() map[string][]string {
	arrows := map[string][]string{}
	p.eachUse(func(user, definer string, _ types.Object) {
		if !slices.Contains(arrows[user], definer) {
			arrows[user] = append(arrows[user], definer)
		}
	})
	return arrows
}

// circles returns the files that use each other in a circle: those that are left when files are taken away, one after the
// other, that use none of the rest or that none of the rest uses.
func circles(arrows map[string][]string) []string {
	left := map[string]bool{}
	for user, used := range arrows {
		left[user] = true
		for _, definer := range used {
			left[definer] = true
		}
	}
	among := func(file string) (uses, isUsed bool) {
		for user := range left {
			uses = uses || user == file && slices.ContainsFunc(arrows[user], func(definer string) bool { return left[definer] })
			isUsed = isUsed || slices.Contains(arrows[user], file)
		}
		return uses, isUsed
	}
	for again := true; again; {
		again = false
		for file := range left {
			if uses, isUsed := among(file); !uses || !isUsed {
				delete(left, file)
				again = true
			}
		}
	}
	var all []string
	for file := range left {
		var to []string
		for _, definer := range arrows[file] {
			if left[definer] {
				to = append(to, definer)
			}
		}
		slices.Sort(to)
		all = append(all, fmt.Sprintf("%s uses %s", file, strings.Join(to, ", ")))
	}
	slices.Sort(all)
	return all
}

// receiverName returns the name of the type that a method belongs to; "" for anything else.
func receiverName(object types.Object) string {
	method, ok := object.(*types.Func)
	if !ok || method.Signature().Recv() == nil {
		return ""
	}
	of := method.Signature().Recv().Type()
	if pointer, ok := of.(*types.Pointer); ok {
		of = pointer.Elem()
	}
	if named, ok := of.(*types.Named); ok {
		return named.Obj().Name()
	}
	return ""
}
