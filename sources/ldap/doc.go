// Package ldap tells of the people who answer for assistants whether they are still there: from an LDAP directory (OpenLDAP,
// 389 Directory Server, FreeIPA, Active Directory).
//
// It is a [sources.Directory]: it asks about those whom the other sources named, by address, and by login where the
// configuration says which attribute holds it. Many are asked for with one filter (batch of them), so that 10,000 owners in a
// directory of any size are some hundred searches; reading the whole directory would cost what the company is large, meet
// the size limits of servers, and learn about people who have nothing to do with assistants.
//
// What it says of each: active, departed or unknown with the sign that says so and since when, manager, department, and
// which address and logins are one person. An account that is disabled, expired or locked for good has departed; one that is
// locked after failed logins is active, and that is told. Somebody who is not in the directory is unknown, unless the
// configuration says that the directory holds everybody of a domain.
//
// The signs (read 2026-11): userAccountControl, accountExpires, lockoutTime of Active Directory ([MS-ADTS] 2.2.16, 6.1.1);
// pwdAccountLockedTime, pwdStartTime, pwdEndTime (draft-behera-ldap-password-policy-11); shadowExpire (RFC 2307, shadow(5));
// nsAccountLock (389 DS); krbPrincipalExpiration (FreeIPA); loginDisabled (eDirectory). A directory whose access rules hide
// such an attribute looks like one where nobody is locked: the option control names an account that is known to be
// disabled, and where its sign cannot be seen, nobody is called active.
//
// The protocol is spoken by github.com/go-ldap/ldap/v3. Referrals are not followed: they lead to other servers, which would
// get the credential. The password goes over TLS only, save to this machine.
//
// It is not: a reader of groups or of the whole directory, and it changes nothing.
package ldap
