package ldap

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// slapd is a real OpenLDAP server of a test's own, on ports of loopback.
type slapd struct {
	plain, tls string // addresses: ldap://, ldaps://
	ca         string // file with the certificate of its authority
	log        string
}

const (
	schemas  = "/etc/ldap/schema"
	rootPass = "root-FAKE-password"
	readerDN = "cn=nhitop,ou=services,dc=example,dc=com"
	readerPw = "reader-FAKE-password"
	base     = "ou=people,dc=example,dc=com"
)

// settings of the server. %[1]s is the folder of the test, %[2]s more lines for the database.
const settings = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/msuser.schema
attributetype ( 1.3.6.1.4.1.99999.1.1 NAME 'githubLogin' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.99999.1.2 NAME 'employeeEndDate' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.99999.1.3 NAME 'nsAccountLock' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
objectclass ( 1.3.6.1.4.1.99999.2.1 NAME 'acmePerson' SUP top AUXILIARY MAY ( githubLogin $ employeeEndDate $ nsAccountLock ) )
pidfile %[1]s/pid
argsfile %[1]s/args
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
TLSCACertificateFile %[1]s/ca.pem
TLSCertificateFile %[1]s/cert.pem
TLSCertificateKeyFile %[1]s/key.pem
loglevel none
sizelimit 500
database mdb
maxsize 1073741824
suffix "dc=example,dc=com"
rootdn "cn=admin,dc=example,dc=com"
rootpw root-FAKE-password
directory %[1]s/db
dbnosync
index objectClass,uid,mail,githubLogin eq
overlay ppolicy
ppolicy_default "cn=policy,dc=example,dc=com"
%[2]s
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=nhitop,ou=services,dc=example,dc=com" read by * none
`

const tree = `dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=services,dc=example,dc=com
objectClass: organizationalUnit
ou: services

dn: cn=nhitop,ou=services,dc=example,dc=com
objectClass: person
cn: nhitop
sn: nhitop
userPassword: reader-FAKE-password

dn: cn=policy,dc=example,dc=com
objectClass: device
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 2

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: ou=former,ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: former
`

// start fills a server with entries and starts it. more are further settings of the database.
func start(t testing.TB, ldif string, more ...string) *slapd {
	t.Helper()
	bin, err := exec.LookPath("slapd")
	if err != nil {
		bin = "/usr/sbin/slapd"
	}
	for _, need := range []string{bin, filepath.Join(schemas, "msuser.schema")} {
		if _, err := os.Stat(need); err != nil {
			t.Skip("no real directory here: " + need + " is missing (Debian: apt-get install slapd)")
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "db"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := &slapd{ca: filepath.Join(dir, "ca.pem"), log: filepath.Join(dir, "log")}
	certificates(t, dir)
	conf := filepath.Join(dir, "slapd.conf")
	write(t, conf, fmt.Sprintf(settings, dir, strings.Join(more, "\n")))
	write(t, filepath.Join(dir, "tree.ldif"), tree+"\n"+ldif)
	add := exec.Command(bin, "-T", "add", "-q", "-f", conf, "-l", filepath.Join(dir, "tree.ldif"))
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("slapadd: %v: %s", err, out)
	}
	plain, tls := address(t), address(t)
	s.plain, s.tls = "ldap://"+plain, "ldaps://"+tls
	log, err := os.Create(s.log)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "-d", "0", "-f", conf, "-h", s.plain+" "+s.tls)
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait(); _ = log.Close() })
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", tls)
		if err == nil {
			_ = c.Close()
			return s
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(s.log)
			t.Fatalf("slapd does not answer: %v: %s", err, text)
		}
	}
}

// address is a free one of loopback.
func address(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// certificates writes an authority and a certificate for loopback.
func certificates(t testing.TB, dir string) {
	t.Helper()
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := x509.CreateCertificate(rand.Reader, authority, authority, &caKey.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "directory"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, KeyUsage: x509.KeyUsageDigitalSignature}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.CreateCertificate(rand.Reader, leaf, authority, &key.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"ca.pem": {Type: "CERTIFICATE", Bytes: ca}, "cert.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "PRIVATE KEY", Bytes: der}} {
		write(t, filepath.Join(dir, name), string(pem.EncodeToMemory(block)))
	}
}
