package report

import "nhitop/inventory"

// The parts of SARIF 2.1.0 (OASIS Standard with errata 01, 2023-08-28) that are written. Of each only what is used.

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifDriver struct {
	Name           string           `json:"name"`
	Version        string           `json:"version,omitempty"`
	Short          sarifText        `json:"shortDescription"`
	Rules          []sarifRule      `json:"rules"`
	Notifications  []sarifRule      `json:"notifications"`
	SupportedTaxes []sarifComponent `json:"supportedTaxonomies,omitempty"`
}

// sarifRule is a reportingDescriptor: a rule, a kind of notification or a taxon.
type sarifRule struct {
	ID            string              `json:"id"`
	Short         *sarifText          `json:"shortDescription,omitempty"`
	Full          *sarifText          `json:"fullDescription,omitempty"`
	Help          *sarifText          `json:"help,omitempty"`
	HelpURI       string              `json:"helpUri,omitempty"`
	Default       *sarifDefault       `json:"defaultConfiguration,omitempty"`
	Relationships []sarifRelationship `json:"relationships,omitempty"`
	Properties    *sarifRuleBag       `json:"properties,omitempty"`
}

type sarifDefault struct {
	Level string `json:"level"`
}

// sarifRuleBag has the names that GitHub's code scanning reads, and ours.
type sarifRuleBag struct {
	Tags     []string           `json:"tags"`
	Severity string             `json:"security-severity"`
	Base     int                `json:"base,omitempty"`
	Score    int                `json:"score"`    // the highest of its results
	Decision inventory.Decision `json:"decision"` // the worst of its results
	Yours    bool               `json:"yours,omitempty"`
}

type sarifRelationship struct {
	Target sarifTarget `json:"target"`
	Kinds  []string    `json:"kinds"`
}

type sarifTarget struct {
	ID        string         `json:"id"`
	Index     int            `json:"index"`
	Component sarifComponent `json:"toolComponent"`
}

type sarifComponent struct {
	Name  string `json:"name"`
	Index int    `json:"index"`
}

type sarifTaxonomy struct {
	Name          string      `json:"name"`
	URI           string      `json:"informationUri,omitempty"`
	Comprehensive bool        `json:"isComprehensive"`
	Taxa          []sarifRule `json:"taxa"`
}

type sarifNotification struct {
	Descriptor sarifID         `json:"descriptor"`
	Level      string          `json:"level"`
	Message    sarifText       `json:"message"`
	Locations  []sarifLocation `json:"locations,omitempty"`
}

type sarifID struct {
	ID    string `json:"id"`
	Index int    `json:"index"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	RuleIndex    int                `json:"ruleIndex"`
	Kind         string             `json:"kind"`
	Level        string             `json:"level"`
	Rank         int                `json:"rank"` // the score: both go from 0 to 100
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations"`
	Fingerprints map[string]string  `json:"partialFingerprints"`
	Suppressions []sarifSuppression `json:"suppressions"` // [] says that it is none; absent would be: not known
	Properties   sarifResultBag     `json:"properties"`
}

type sarifSuppression struct {
	Kind          string          `json:"kind"`
	Status        string          `json:"status"`
	Justification string          `json:"justification,omitempty"`
	Properties    *sarifAcceptBag `json:"properties,omitempty"`
}

type sarifAcceptBag struct {
	Until string `json:"accepted_until,omitempty"`
	By    string `json:"accepted_by,omitempty"`
}

// sarifResultBag has the names of the JSON interface.
type sarifResultBag struct {
	ID          inventory.ID       `json:"id"`
	Subject     inventory.ID       `json:"subject"`
	SubjectName string             `json:"subject_name"`
	Assistants  []string           `json:"assistants"`
	Owners      []string           `json:"owners"`
	Decision    inventory.Decision `json:"decision"`
	State       string             `json:"state"`
	Due         string             `json:"due,omitempty"`
	FirstSeen   string             `json:"first_seen,omitempty"`
	LeftOut     int                `json:"locations_left_out,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	Message  *sarifText     `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI         string     `json:"uri,omitempty"`
	Base        string     `json:"uriBaseId,omitempty"`
	Description *sarifText `json:"description,omitempty"`
}

type sarifRegion struct {
	Start int `json:"startLine"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}
