// Package git asks the program git about the repository that a folder lies in: which files a revision has, and what is in them.
//
// The way through it: a folder → Open → Repo → Base → Files → Read. It only reads, and nothing of what a repository may hold is run: no
// hook, no filter, no external diff, no file system monitor; what a partial clone lacks is not fetched.
package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxOutput is how much git may write in one run, in bytes.
const maxOutput = 256 << 20

// Repo is a repository, by the folder of its work tree.
type Repo struct{ Root string }

// File is a file of a revision. Its name counts from the root of the repository and has slashes.
type File struct {
	Name string
	Blob string // the name of its content; two files with one name of it are the same
	Link bool   // its content is the name of another file
}

// Open finds the repository that a folder lies in.
func Open(ctx context.Context, folder string) (Repo, error) {
	out, err := run(ctx, folder, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return Repo{}, err
	}
	return Repo{Root: filepath.FromSlash(strings.TrimSuffix(string(out), "\n"))}, nil
}

// ErrUnknown is why a revision is no commit here.
var ErrUnknown = errors.New("name a branch, a tag or a commit that is fetched")

// Commit is the commit that a revision names.
func (r Repo) Commit(ctx context.Context, revision string) (string, error) {
	if strings.HasPrefix(revision, "-") {
		return "", fmt.Errorf("%q is not a revision: %w", revision, ErrUnknown)
	}
	out, err := run(ctx, r.Root, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", fmt.Errorf("git does not know the revision %q here: %w", revision, ErrUnknown)
	}
	return strings.TrimSpace(string(out)), nil
}

// Base is the commit at which the work that is checked out left the history of a revision: what has changed since then is that work's,
// and what the revision got meanwhile is not. Where no such commit is known, as in a shallow clone, it is the revision itself, and common
// is false.
func (r Repo) Base(ctx context.Context, revision string) (commit string, common bool, err error) {
	if commit, err = r.Commit(ctx, revision); err != nil {
		return "", false, err
	}
	out, err := run(ctx, r.Root, nil, "merge-base", commit, "HEAD")
	if err == nil {
		return strings.TrimSpace(string(out)), true, nil
	}
	head, err := run(ctx, r.Root, nil, "cat-file", "commit", "HEAD")
	if err != nil {
		return "", false, err
	}
	// Where the history is cut off, a commit still says what it was made on, as the merge does that is tested for a pull request.
	about, _, _ := strings.Cut(string(head), "\n\n")
	return commit, slices.Contains(strings.Split(about, "\n"), "parent "+commit), nil
}

// Files lists the files of a commit, by name. Submodules are not among them.
func (r Repo) Files(ctx context.Context, commit string) ([]File, error) {
	out, err := run(ctx, r.Root, nil, "ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil {
		return nil, err
	}
	var files []File
	for line := range strings.SplitSeq(string(out), "\x00") {
		about, name, ok := strings.Cut(line, "\t")
		if f := strings.Fields(about); ok && len(f) == 3 && f[1] == "blob" {
			files = append(files, File{Name: name, Blob: f[2], Link: f[0] == "120000"})
		}
	}
	return files, nil
}

// Names are the files of the index and those of the work tree that the repository is not told to ignore, by name.
func (r Repo) Names(ctx context.Context) ([]string, error) {
	out, err := run(ctx, r.Root, nil, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	names := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	slices.Sort(names)
	return slices.Compact(names), err
}

// Submodules are the folders in which the index has other repositories.
func (r Repo) Submodules(ctx context.Context) (folders []string, err error) {
	out, err := run(ctx, r.Root, nil, "ls-files", "-z", "--stage")
	for line := range strings.SplitSeq(string(out), "\x00") {
		if about, name, ok := strings.Cut(line, "\t"); ok && strings.HasPrefix(about, "160000 ") {
			folders = append(folders, name)
		}
	}
	return folders, err
}

// Ignored are those of some files of the work tree that the repository is told to ignore.
func (r Repo) Ignored(ctx context.Context, names []string) ([]string, error) {
	var in bytes.Buffer
	for _, name := range names {
		in.WriteString("./" + name + "\x00") // a name may begin like a pattern
	}
	out, err := run(ctx, r.Root, &in, "check-ignore", "-z", "--stdin")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // none is
		return nil, nil
	}
	var ignored []string
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		ignored = append(ignored, strings.TrimPrefix(name, "./"))
	}
	return ignored, err
}

// Target is the name of the file that a link leads to, by its content; it may lie outside of the repository.
func (f File) Target(content []byte) string { return path.Join(path.Dir(f.Name), string(content)) }

// Read gives the contents of files, in their order.
func (r Repo) Read(ctx context.Context, files []File) ([][]byte, error) {
	var names bytes.Buffer
	for _, f := range files {
		names.WriteString(f.Blob + "\n")
	}
	out, err := run(ctx, r.Root, &names, "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	var contents [][]byte
	for _, f := range files {
		header, rest, _ := bytes.Cut(out, []byte("\n"))
		words := strings.Fields(string(header))
		if len(words) != 3 || words[1] != "blob" {
			return nil, fmt.Errorf("git has not the content of %s: %s", f.Name, header)
		}
		size, err := strconv.Atoi(words[2])
		if err != nil || size < 0 || size >= len(rest) {
			return nil, fmt.Errorf("git gave only a part of %s", f.Name)
		}
		contents, out = append(contents, rest[:size]), rest[size+1:]
	}
	return contents, nil
}

// run runs git in a folder and gives what it writes.
func run(ctx context.Context, folder string, in io.Reader, args ...string) ([]byte, error) {
	own := []string{"--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never", "-C", folder}
	c := exec.CommandContext(ctx, "git", append(own, args...)...)
	c.Env = append(slices.DeleteFunc(c.Environ(), ofOneRepository),
		"GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	c.WaitDelay = time.Second
	out, said := &bounded{left: maxOutput}, &bounded{left: 1 << 16}
	c.Stdin, c.Stdout, c.Stderr = in, out, said
	err := c.Run()
	switch first, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n"); {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case out.left < 0:
		return nil, fmt.Errorf("git %s writes more than %d MiB", args[0], maxOutput>>20)
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("there is no program git here")
	case err != nil && first != "":
		return nil, fmt.Errorf("git %s: %s", args[0], first)
	case err != nil:
		return nil, fmt.Errorf("git %s: %w", args[0], err)
	}
	return out.Bytes(), nil
}

// ofOneRepository reports whether a variable binds git to one repository, as it does in a hook.
func ofOneRepository(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE"}, name)
}

// bounded holds at most so many bytes.
type bounded struct {
	bytes.Buffer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errors.New("too much")
	}
	return b.Buffer.Write(p)
}
