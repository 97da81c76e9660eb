// Verifies a published log with golang.org/x/mod/sumdb, and signs a note of its own.
//
//	verify FOLDER
//
// FOLDER has the files of the log, as c2sp.org/tlog-tiles names them, and proofs.json (tests/interop/published_log.py).
// Every entry of every bundle is hashed and found in the tiles, which are checked against the root of the checkpoint;
// every proof of inclusion and consistency is checked, and some are made again from the tiles and compared.
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	madeAgain  = 97 // every so many proofs are made again
)

type consistency struct {
	Old     int64
	OldRoot string
	Path    []string
}

type proofs struct {
	Vkey        string
	Inclusion   [][]string
	Consistency []consistency
}

// files reads the tiles of a folder, each once.
type files struct {
	folder string
	read   map[string][]byte
}

func (f *files) Height() int { return tileHeight }

func (f *files) SaveTiles([]tlog.Tile, [][]byte) {}

func (f *files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		// sumdb writes the height before the level, tlog-tiles does not.
		path := "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
		content, known := f.read[path]
		if !known {
			var err error
			if content, err = os.ReadFile(filepath.Join(f.folder, path)); err != nil {
				return nil, err
			}
			f.read[path] = content
		}
		found = append(found, content)
	}
	return found, nil
}

func main() {
	if len(os.Args) != 2 {
		refuse("usage: verify FOLDER")
	}
	folder := os.Args[1]
	var made proofs
	must(json.Unmarshal(contentOf(folder, "proofs.json"), &made))
	tree := checkpoint(contentOf(folder, "checkpoint"), made.Vkey)
	reader := tlog.TileHashReader(tree, &files{folder, map[string][]byte{}})
	if int64(len(made.Inclusion)) != tree.N {
		refuse("%d proofs for %d entries", len(made.Inclusion), tree.N)
	}
	for index := int64(0); index < tree.N; index++ {
		bundle := bundleOf(folder, index/tileWidth, tree.N)
		for _, entry := range bundle {
			checkEntry(entry, index, tree, reader, hashes(made.Inclusion[index]))
			index++
		}
		index--
	}
	for _, each := range made.Consistency {
		path := tlog.TreeProof(hashes(each.Path))
		must(tlog.CheckTree(path, tree.N, tree.Hash, each.Old, hash(each.OldRoot)))
		again, err := tlog.ProveTree(tree.N, each.Old, reader)
		must(err)
		if !same(tlog.RecordProof(path), tlog.RecordProof(again)) {
			refuse("another proof of consistency from %d", each.Old)
		}
	}
	fmt.Println(string(signedNote()))
}

func checkpoint(content []byte, vkey string) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	must(err)
	opened, err := note.Open(content, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		refuse("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	return tlog.Tree{N: size, Hash: hash(lines[2])}
}

func bundleOf(folder string, number, size int64) [][]byte {
	width := min(size-number*tileWidth, tileWidth)
	tile := tlog.Tile{H: tileHeight, L: 0, N: number, W: int(width)}
	path := "tile/entries/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/0/", tileHeight))
	content := contentOf(folder, path)
	var entries [][]byte
	for len(content) > 0 {
		length := 2 + int(binary.BigEndian.Uint16(content))
		entries = append(entries, content[2:length])
		content = content[length:]
	}
	if int64(len(entries)) != width {
		refuse("%s has %d entries", path, len(entries))
	}
	return entries
}

func checkEntry(entry []byte, index int64, tree tlog.Tree, reader tlog.HashReader, path tlog.RecordProof) {
	leaf := tlog.RecordHash(entry)
	stored, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	must(err)
	if stored[0] != leaf {
		refuse("entry %d is not the leaf in the tile", index)
	}
	must(tlog.CheckRecord(path, tree.N, tree.Hash, index, leaf))
	if index%madeAgain == 0 {
		again, err := tlog.ProveRecord(tree.N, index, reader)
		must(err)
		if !same(path, again) {
			refuse("another proof of entry %d", index)
		}
	}
}

func same(one, other tlog.RecordProof) bool {
	return len(one) == len(other) && (len(one) == 0 || reflect.DeepEqual(one, other))
}

// signedNote gives a note with a new key, as JSON.
func signedNote() []byte {
	private, vkey, err := note.GenerateKey(rand.Reader, "go.example/note")
	must(err)
	signer, err := note.NewSigner(private)
	must(err)
	signed, err := note.Sign(&note.Note{Text: "signed by Go\n"}, signer)
	must(err)
	content, err := json.Marshal(map[string]string{"vkey": vkey, "note": string(signed)})
	must(err)
	return content
}

func hashes(written []string) tlog.RecordProof {
	var found tlog.RecordProof
	for _, each := range written {
		found = append(found, hash(each))
	}
	return found
}

func hash(written string) (found tlog.Hash) {
	content, err := base64.StdEncoding.DecodeString(written)
	must(err)
	if len(content) != tlog.HashSize {
		refuse("a hash of %d bytes", len(content))
	}
	copy(found[:], content)
	return found
}

func contentOf(folder, path string) []byte {
	content, err := os.ReadFile(filepath.Join(folder, path))
	must(err)
	return bytes.Clone(content)
}

func must(err error) {
	if err != nil {
		refuse("%v", err)
	}
}

func refuse(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}
