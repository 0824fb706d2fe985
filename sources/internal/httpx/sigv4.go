package httpx

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// AWSKey says how a request to AWS is signed. The id and the rest are no secrets; Secret is.
type AWSKey struct {
	ID, Region, Service string
	Secret              Getter
	Now                 func() time.Time // AWS refuses what is signed more than 15 minutes away from its own clock
}

const (
	sigAlgorithm = "AWS4-HMAC-SHA256"
	sigTime      = "20060102T150405Z"
	sigDay       = "20060102"
)

// Sign signs a request for the path / with AWS Signature Version 4. Its body is the form or, where that is nil, what the request has;
// the header X-Amz-Target is signed too
// (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, read 2026-11-27).
func (k AWSKey) Sign(form url.Values) Auth {
	return func(ctx context.Context, r *http.Request) error {
		v, err := k.Secret(ctx)
		if err != nil {
			return err
		}
		note(ctx, v)
		now := k.Now().UTC()
		r.Header.Set("X-Amz-Date", now.Format(sigTime))
		names, headers := "host;x-amz-date", "host:"+r.URL.Host+"\nx-amz-date:"+now.Format(sigTime)+"\n"
		if target := r.Header.Get("X-Amz-Target"); target != "" {
			names, headers = names+";x-amz-target", headers+"x-amz-target:"+target+"\n"
		}
		body, err := bodyOf(r, form)
		if err != nil {
			return err
		}
		if ct := r.Header.Get("Content-Type"); ct != "" {
			names, headers = "content-type;"+names, "content-type:"+ct+"\n"+headers
		}
		query := strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20")
		canonical := strings.Join([]string{r.Method, "/", query, headers, names, hexSum(body)}, "\n")
		scope := strings.Join([]string{now.Format(sigDay), k.Region, k.Service, "aws4_request"}, "/")
		toSign := strings.Join([]string{sigAlgorithm, now.Format(sigTime), scope, hexSum(canonical)}, "\n")
		key := []byte("AWS4" + v.Reveal())
		for _, part := range append(strings.Split(scope, "/"), toSign) {
			key = keyed(key, part)
		}
		r.Header.Set("Authorization", sigAlgorithm+" Credential="+k.ID+"/"+scope+", SignedHeaders="+names+", Signature="+hex.EncodeToString(key))
		return nil
	}
}

// bodyOf is the text that is sent; the request keeps it.
func bodyOf(r *http.Request, form url.Values) (string, error) {
	if form != nil || r.Body == nil {
		return form.Encode(), nil
	}
	data, err := io.ReadAll(r.Body) // it is in memory already
	if err = errors.Join(err, r.Body.Close()); err != nil {
		return "", errors.New("the body cannot be signed")
	}
	r.Body = io.NopCloser(bytes.NewReader(data))
	return string(data), nil
}

func hexSum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func keyed(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
