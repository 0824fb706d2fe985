package allowrule

// tools maps the lower-case name of a built-in tool, in the spelling of any product, to what it does. Names of commands
// (git, npm) must not stand here.
var tools = map[string]Class{
	// A command of the system.
	"bash": Shell, "shell": Shell, "execute_bash": Shell, "execute_cmd": Shell, "execute_command": Shell, "run_shell_command": Shell,
	"shelltool": Shell, "terminal": Shell, "run_terminal_cmd": Shell, "run_terminal_command": Shell, "run_in_terminal": Shell,
	"runterminalcommand": Shell, "launch-process": Shell, "local_shell": Shell, "developer__shell": Shell, "powershell": Shell,
	"run_command": Shell, "runcommands": Shell, "builtin_run_terminal_command": Shell,
	// Files are changed.
	"edit": Edit, "write": Edit, "multiedit": Edit, "notebookedit": Edit, "fs_write": Edit, "write_file": Edit, "replace": Edit,
	"writefiletool": Edit, "edittool": Edit, "edit_file": Edit, "create_file": Edit, "apply_patch": Edit, "patch": Edit,
	"str-replace-editor": Edit, "save-file": Edit, "remove-files": Edit, "delete_file": Edit, "write_to_file": Edit,
	"apply_diff": Edit, "developer__text_editor": Edit, "copy_path": Edit, "move_path": Edit, "delete_path": Edit,
	"builtin_edit_existing_file": Edit, "builtin_create_new_file": Edit,
	// Files are read.
	"read": Read, "view": Read, "ls": Read, "glob": Read, "grep": Read, "list": Read, "search": Read, "fs_read": Read, "read_file": Read,
	"list_directory": Read, "read_many_files": Read, "glob_tool": Read, "codebase-retrieval": Read, "sourcegraph": Read, "diff": Read,
	// An address is fetched.
	"webfetch": Fetch, "fetch": Fetch, "web_fetch": Fetch, "web-fetch": Fetch, "fetch_url": Fetch, "url": Fetch, "agentic_fetch": Fetch,
	"download": Fetch, "open-browser": Fetch, "read_web_page": Fetch,
	// Neither files nor commands.
	"websearch": Other, "web_search": Other, "web-search": Other, "google_web_search": Other, "task": Other, "todowrite": Other,
	"todoread": Other, "todo_write": Other, "todo_read": Other, "thinking": Other, "memory": Other, "save_memory": Other,
	"exitplanmode": Other, "skill": Other, "status": Other, "checklist": Other, "question": Other,
}

// program is one that makes a rule for it wide.
type program struct {
	words   []string // program and, where only one use is meant, its first argument
	samples []string // command lines that a rule for the program would let run
	why     string
}

const (
	whyCode    = "runs any code that it is given"
	whyNetwork = "reaches any host"
	whyCloud   = "acts in the cloud with the account of this machine"
	whySecrets = "prints the environment, secrets included"
	whyRemove  = "deletes whatever it is given"
	whyRoot    = "runs with more rights than the account has"
	whyRemote  = "acts on other machines"
	whyFetched = "runs code fetched from outside"
)

// programs lists what facts call interpreters, network and cloud commands (rule AUT-07, 2026-11-22), and near relatives.
var programs = []program{
	{[]string{"curl"}, []string{"curl https://host/x"}, whyNetwork},
	{[]string{"wget"}, []string{"wget https://host/x"}, whyNetwork},
	{[]string{"nc"}, []string{"nc host 80"}, whyNetwork},
	{[]string{"ncat"}, []string{"ncat host 80"}, whyNetwork},
	{[]string{"socat"}, []string{"socat - tcp:host:80"}, whyNetwork},
	{[]string{"bash", "-c"}, []string{"bash -c x"}, whyCode},
	{[]string{"sh", "-c"}, []string{"sh -c x"}, whyCode},
	{[]string{"zsh", "-c"}, []string{"zsh -c x"}, whyCode},
	{[]string{"pwsh", "-c"}, []string{"pwsh -c x", "pwsh -Command x"}, whyCode},
	{[]string{"powershell", "-command"}, []string{"powershell -Command x"}, whyCode},
	{[]string{"python", "-c"}, []string{"python -c x"}, whyCode},
	{[]string{"python3", "-c"}, []string{"python3 -c x"}, whyCode},
	{[]string{"node", "-e"}, []string{"node -e x"}, whyCode},
	{[]string{"perl", "-e"}, []string{"perl -e x"}, whyCode},
	{[]string{"ruby", "-e"}, []string{"ruby -e x"}, whyCode},
	{[]string{"php", "-r"}, []string{"php -r x"}, whyCode},
	{[]string{"osascript"}, []string{"osascript -e x"}, whyCode},
	{[]string{"eval"}, []string{"eval x"}, whyCode},
	{[]string{"xargs"}, []string{"xargs x"}, whyCode},
	{[]string{"npx"}, []string{"npx x"}, whyFetched},
	{[]string{"uvx"}, []string{"uvx x"}, whyFetched},
	{[]string{"bunx"}, []string{"bunx x"}, whyFetched},
	{[]string{"pipx", "run"}, []string{"pipx run x"}, whyFetched},
	{[]string{"ssh"}, []string{"ssh host x"}, whyRemote},
	{[]string{"scp"}, []string{"scp x host:"}, whyRemote},
	{[]string{"rsync"}, []string{"rsync x host:"}, whyRemote},
	{[]string{"ansible"}, []string{"ansible all -m shell"}, whyRemote},
	{[]string{"gh", "api"}, []string{"gh api /x"}, "calls any endpoint of GitHub as the account of this machine"},
	{[]string{"glab", "api"}, []string{"glab api /x"}, "calls any endpoint of GitLab as the account of this machine"},
	{[]string{"aws"}, []string{"aws s3 ls"}, whyCloud},
	{[]string{"gcloud"}, []string{"gcloud projects list"}, whyCloud},
	{[]string{"az"}, []string{"az account list"}, whyCloud},
	{[]string{"kubectl"}, []string{"kubectl get pods"}, "acts in the cluster with the account of this machine"},
	{[]string{"helm"}, []string{"helm upgrade x"}, "acts in the cluster with the account of this machine"},
	{[]string{"terraform"}, []string{"terraform apply"}, whyCloud},
	{[]string{"tofu"}, []string{"tofu apply"}, whyCloud},
	{[]string{"pulumi"}, []string{"pulumi up"}, whyCloud},
	{[]string{"docker"}, []string{"docker run x"}, "can mount the whole machine into a container"},
	{[]string{"podman"}, []string{"podman run x"}, "can mount the whole machine into a container"},
	{[]string{"rm"}, []string{"rm -rf x"}, whyRemove},
	{[]string{"dd"}, []string{"dd if=x of=y"}, whyRemove},
	{[]string{"sudo"}, []string{"sudo x"}, whyRoot},
	{[]string{"doas"}, []string{"doas x"}, whyRoot},
	{[]string{"su"}, []string{"su -c x"}, whyRoot},
	{[]string{"env"}, []string{"env", "env x"}, whySecrets},
	{[]string{"printenv"}, []string{"printenv"}, whySecrets},
}

// strange are command lines that have nothing in common: a pattern that matches all of them matches every command.
var strange = []string{"curl https://host/x", "rm -rf /", "zq9 --flag=1", "git push --force", "/opt/x/y 'a b'"}
