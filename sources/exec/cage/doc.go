// Package cage starts a program of somebody else's within limits, and ends it with all that it started.
//
// The program gets a process group, an environment and a temporary folder of its own. To set limits on itself before it
// becomes that program, the binary starts itself under the name [Name]: importing this package is enough for that.
//
// What holds where: on Linux limits of memory (RLIMIT_DATA, of each process), processor time, file size and open files, the
// number of processes of the group (counted five times a second, and RLIMIT_NPROC, which does not bind root), no new
// privileges, and where the kernel has Landlock (5.13; TCP from 6.7, signals from 6.12) only the folders and ports that are
// named. On other Unix systems the limits of the operating system alone. Everywhere on Unix: the time, what is read of its
// output, and the end of the group by SIGTERM, then SIGKILL. A process that leaves its group is ended by none of these but
// its own limits. Windows has no cage, and nothing is started there.
//
// It is not: a sandbox against a kernel exploit, nor a judge of what the program says.
package cage
