// Package awssim is AWS Secrets Manager in the process: DescribeSecret, GetSecretValue and PutSecretValue, with state. It checks
// the signature of each request, keeps versions with their stages, and takes a ClientRequestToken as AWS does: with the same
// content again it is ignored, with another one refused.
//
// Shapes, codes and statuses are those of the API reference (2017-10-17), read 2026-11-27. It can refuse, break off, and lie.
//
// It is not: a model of KMS, of policies, or of replication.
package awssim
