package httpx

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"
)

// network is the way to a real service.
func network(c Config) (http.RoundTripper, error) {
	roots, err := authorities(c.CAFile)
	if err != nil {
		return nil, err
	}
	const headerBytes = 256 << 10
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: min(10*time.Second, c.Timeout), KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    min(10*time.Second, c.Timeout),
		MaxResponseHeaderBytes: headerBytes,
		MaxIdleConnsPerHost:    c.Concurrency,
		MaxConnsPerHost:        c.Concurrency,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
	}, nil
}

// authorities are those of the system and of the file. nil: those of the system.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("ca_file: %s cannot be read: %w", file, err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca_file: %s holds no certificate in PEM form", file)
	}
	return roots, nil
}
