package cometchat_test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var updateAPI = flag.Bool("update-api", false, "write testdata/api.txt anew")

// TestAPI holds the exported names and their types to testdata/api.txt, so that no change to them is an accident. One that
// is meant is written with: go test -run TestAPI -update-api .
func TestAPI(t *testing.T) {
	t.Parallel()
	var decls []string
	for _, dir := range []string{".", "cometchattest", "filestore", "redisstore", "sessionstoretest", "webhook"} {
		decls = append(decls, exported(t, dir)...)
	}
	got := strings.Join(decls, "\n") + "\n"
	golden := filepath.Join("testdata", "api.txt")
	if *updateAPI {
		require.NoError(t, os.MkdirAll("testdata", 0o750))
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
	}
	want, err := os.ReadFile(golden) //nolint:gosec // it is a constant
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// exported prints the exported declarations of a package, sorted, without comments, bodies and values.
func exported(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var decls []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.FileExports(f)
		for _, decl := range f.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil && !receiver(d).IsExported() {
					continue
				}
				d.Body = nil
			case *ast.GenDecl:
				if d.Tok == token.IMPORT {
					continue
				}
				for _, spec := range d.Specs {
					if v, ok := spec.(*ast.ValueSpec); ok && v.Type != nil {
						v.Values = nil
					}
				}
			}
			var text bytes.Buffer
			require.NoError(t, printer.Fprint(&text, token.NewFileSet(), decl))
			decls = append(decls, f.Name.Name+": "+text.String())
		}
	}
	slices.Sort(decls)
	return decls
}

// receiver returns the name of the type that a method belongs to.
func receiver(method *ast.FuncDecl) *ast.Ident {
	of := method.Recv.List[0].Type
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	return of.(*ast.Ident)
}
