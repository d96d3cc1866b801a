package cometchat_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serverRow is a row of the tables of docs/server.md: calls, and the names of the methods that make them.
type serverRow struct{ calls, methods []string }

var (
	docCall   = regexp.MustCompile("`((?:GET|POST|PUT|PATCH|DELETE) /[^` ]+)`")
	docMethod = regexp.MustCompile("`([A-Z][A-Za-z]+)`")
	// commentCall is a call in a doc comment. The method may be left out: then it is that of the call before.
	commentCall = regexp.MustCompile(`(?:(GET|POST|PUT|PATCH|DELETE) )?/v3\.0(/[\w/{}]+)`)
)

func serverRows(t *testing.T) (rows []serverRow) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("docs", "server.md"))
	require.NoError(t, err)
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if !strings.HasPrefix(line, "|") || len(cells) < 5 {
			continue
		}
		var row serverRow
		for _, found := range docCall.FindAllStringSubmatch(cells[1], -1) {
			row.calls = append(row.calls, found[1])
		}
		for _, found := range docMethod.FindAllStringSubmatch(cells[2], -1) {
			row.methods = append(row.methods, found[1])
		}
		if len(row.calls) > 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

// adminComments returns the doc comment of each exported method of Admin.
func adminComments(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	comments := map[string]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, decl := range parsed.Decls {
			method, ok := decl.(*ast.FuncDecl)
			if ok && method.Recv != nil && method.Name.IsExported() && receiver(method).Name == "Admin" {
				comments[method.Name.Name] = strings.Join(strings.Fields(method.Doc.Text()), " ")
			}
		}
	}
	return comments
}

// TestServerDoc holds docs/server.md to the methods of Admin: each method is in a row, also in those of the calls that its comment names,
// and each row names methods that exist.
func TestServerDoc(t *testing.T) {
	t.Parallel()
	rows, comments := serverRows(t), adminComments(t)
	require.Greater(t, len(rows), 60)
	rowWith := func(call, method string) bool {
		return slices.ContainsFunc(rows, func(row serverRow) bool {
			return (call == "" || slices.Contains(row.calls, call)) && slices.Contains(row.methods, method)
		})
	}
	noCalls := []string{"Close", "Do", "Format", "OnBehalfOf", "RateLimit"}
	calls := 0
	for name, comment := range comments {
		if slices.Contains(noCalls, name) {
			continue
		}
		assert.True(t, rowWith("", name), "no row names %s", name)
		method := ""
		for _, found := range commentCall.FindAllStringSubmatch(comment, -1) {
			calls++
			method = cmp.Or(found[1], method)
			assert.True(t, rowWith(method+" "+found[2], name), "no row says that %s makes %s %s, as its comment does", name, method, found[2])
		}
	}
	assert.Greater(t, calls, 60)
	others := []string{"Do", "ParentID", "Reaction", "TokenHandler"} // what else the rows name
	admin := reflect.TypeFor[*cometchat.Admin]()
	for _, row := range rows {
		for _, name := range row.methods {
			_, exists := admin.MethodByName(name)
			assert.True(t, exists || slices.Contains(others, name), "a row names %s", name)
		}
	}
}
