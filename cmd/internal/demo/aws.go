package demo

import (
	"nhitop/inventory/credential"
	"nhitop/sources/issuers/issuersim"
)

// awsUsers are the users of the company's AWS accounts, by the name under which their keys stand in the company's files.
var awsUsers = []struct {
	key, user string
	denied    bool // may not change its keys
}{
	{"alice-dev", "alice", false}, {"bob-dev", "bob", false}, {"bob-prod", "bob-production", false}, {"judy-training", "judy", false},
	{"erin-exports", "exports", false}, {"build-artifacts", "ci/artifacts", false}, {"build-deploy", "ci/deploy", true}, {"break-glass", "break-glass", false},
}

// aws serves STS and IAM, at which the keys of those users live.
func (c *Company) aws() error {
	sim := issuersim.New(c.Now)
	for _, u := range awsUsers {
		id, err := mint("aws-access-key-id", u.key)
		if err != nil {
			return err
		}
		secret, err := mint("aws-secret-key", u.key)
		if err != nil {
			return err
		}
		account, _ := credential.AWSAccount(id)
		sim.AddAWS(issuersim.AWSKey{ID: id, Secret: secret, ARN: "arn:aws:iam::" + account + ":user/" + u.user, Denied: u.denied})
	}
	for _, host := range []string{"sts.amazonaws.com", "iam.amazonaws.com"} {
		c.put(host, sim)
	}
	return nil
}
