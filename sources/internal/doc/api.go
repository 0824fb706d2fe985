package doc

import "fmt"

// Format is a file format.
type Format string

// The formats. JSON accepts what JSONC does: products differ in what they forgive, and a scan must read what they read.
const (
	JSON       Format = "json"
	JSONC      Format = "jsonc"
	TOML       Format = "toml"
	YAML       Format = "yaml"       // the first document of the stream; the others hang below /~doc1, /~doc2 ...
	INI        Format = "ini"        // /section/key; a key before any section is /key
	Dotenv     Format = "dotenv"     // /KEY; export, quotes and inline comments understood
	Netrc      Format = "netrc"      // /machine/login, /machine/password
	NPMRC      Format = "npmrc"      // /key, the key as written: //host/:_authToken
	Properties Format = "properties" // /key
	Lines      Format = "lines"      // /0, /1 ... one per line that is neither empty nor a # comment
	Text       Format = "text"       // the whole file is one value with the pointer ""
)

// Kind is what a node is.
type Kind int

// The kinds of node.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// Node is one value of a document. Nodes are not changed after Parse.
type Node struct {
	Kind     Kind
	Key      string // the member's name in an object, "" elsewhere
	Pointer  string // JSON pointer (RFC 6901) from the root
	Text     string // scalar: the value as the program sees it (unescaped, unquoted); composite: ""
	Line     int    // 1-based line where the value starts
	KeyLine  int    // 1-based line of the key, or Line
	Start    int    // byte offsets of the value in the file, quotes included: data[Start:End]
	End      int
	Children []*Node // members in file order, or elements

	keyStart int // byte offsets of the key, quotes included; -1: an element
	keyEnd   int
	depth    int
	implicit bool // TOML: a table that no header names
	flow     bool // YAML: written with brackets
	alias    bool // YAML: stands elsewhere, an alias leads there
	merge    bool // YAML: what "<<" merges in
	second   bool // YAML: a further document of the stream
}

// Doc is a parsed file.
type Doc struct {
	Format Format
	Data   []byte // the file as read
	Root   *Node

	statements []statement // of the formats made of lines
	broken     bool        // parsed in part
	limits     Limits
}

// Error says where a file could not be understood. Its text never quotes the file's content.
type Error struct {
	Line int // 1-based; 0 if it concerns the whole file
	Msg  string
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d: %s", e.Line, e.Msg)
	}
	return e.Msg
}
