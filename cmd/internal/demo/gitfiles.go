package demo

import (
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// gitFiles are the files of a .git folder as far as they say what a repository is: its branch, its configuration and what
// is in its index. There are no objects.
func gitFiles(remote, name, email string, tracked []string) map[string]string {
	config := "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"
	if remote != "" {
		config += fmt.Sprintf("[remote \"origin\"]\n\turl = %s\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n", remote)
	}
	if email != "" {
		config += fmt.Sprintf("[user]\n\tname = %s\n\temail = %s\n", name, email)
	}
	return map[string]string{".git/HEAD": "ref: refs/heads/main\n", ".git/config": config, ".git/index": gitIndex(tracked)}
}

// gitIndex is an index of version 2 with these files (gitformat-index(5), Git 2.39).
func gitIndex(tracked []string) string {
	const stat, regular = 62, 0o100644
	paths := slices.Clone(tracked)
	slices.Sort(paths)
	b := binary.BigEndian.AppendUint32([]byte("DIRC"), 2)
	b = binary.BigEndian.AppendUint32(b, uint32(len(paths)))
	for _, p := range paths {
		head := make([]byte, stat-22)
		binary.BigEndian.PutUint32(head[24:], regular)
		id := sha1.Sum([]byte("blob\x00" + p))
		b = append(append(b, head...), id[:]...)
		b = binary.BigEndian.AppendUint16(b, uint16(min(len(p), 0xfff)))
		b = append(b, p...)
		b = append(b, strings.Repeat("\x00", 8-(stat+len(p))%8)...)
	}
	sum := sha1.Sum(b)
	return string(append(b, sum[:]...))
}
