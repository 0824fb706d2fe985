package credential

import (
	"encoding/hex"
	"hash/crc32"
	"strings"
)

const (
	sumOK  = "ok"
	sumBad = "bad"

	base62   = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	crcChars = 6
)

// crc62 writes the CRC-32 (IEEE) of s as six base62 digits, padded with zeros.
func crc62(s string) string {
	n := crc32.ChecksumIEEE([]byte(s))
	var out [crcChars]byte
	for i := crcChars - 1; i >= 0; i-- {
		out[i] = base62[n%62]
		n /= 62
	}
	return string(out[:])
}

// crcBase62 tests the checksum of GitHub's and npm's tokens: the last six of the 36 characters after the prefix are the
// CRC-32 of the 30 before them. Source: GitHub's "Behind GitHub's new authentication token formats", 2021-04.
func crcBase62(token string) string {
	_, body, ok := strings.Cut(token, "_")
	if !ok || len(body) != 36 {
		return ""
	}
	cut := len(body) - crcChars
	if crc62(body[:cut]) == body[cut:] {
		return sumOK
	}
	return sumBad
}

// crcFine tests a fine-grained token. GitHub does not publish what its checksum covers, so that only success is told.
func crcFine(token string) string {
	cut := len(token) - crcChars
	if crc62(strings.TrimPrefix(token[:cut], "github_pat_")) == token[cut:] {
		return sumOK
	}
	return ""
}

// crcGrafana tests a service account token: eight hex digits, the little-endian CRC-32 of what stands before the last
// underscore. Source: grafana/grafana pkg/components/satokengen, 2022.
func crcGrafana(token string) string {
	cut := strings.LastIndexByte(token, '_')
	n := crc32.ChecksumIEEE([]byte(token[:cut]))
	want := hex.EncodeToString([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)})
	if strings.EqualFold(want, token[cut+1:]) {
		return sumOK
	}
	return sumBad
}
