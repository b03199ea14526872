/** A piece of a source, and what stands there when it is gone. */
export interface Removal {
  readonly file: string
  readonly piece: string
  readonly instead: string
}

/** What holds off an attack or survives a fault, and the test that must fail when it is taken out. */
export interface Defence {
  /** As in `ATTACK_CASES` and `FAULT_CASES`. */
  readonly number: string
  readonly what: string
  readonly without: readonly Removal[]
  /** The test runs commands, which are built; what is written in C is built anyway. */
  readonly built?: true
  /** A test file, and a part of the name of a test there. */
  readonly test: readonly [file: string, name: string]
}

const LOST = 'test/e2e/faults/lost.test.ts'
const PROCESSES = 'test/e2e/faults/processes.test.ts'
const LAYERS = 'test/e2e/images/hostile-layers.test.ts'
const CLIENT = 'src/image/registry/client.test.ts'
const KERNEL = 'test/e2e/networks/kernel.test.ts'

const gone = (file: string, piece: string, instead = ''): Removal => ({ file, piece, instead })

/**
 * `npm run test:defences` takes them out, one after the other, and has the test fail. Those of B 2, 5, 11, 13, 14, 15, 22, 23, 25, 26, 28, 30, 31, 33
 * and 35 were taken out by hand when attacks.test.ts was written. What would hurt the machine that it is tried on stays in: paths beneath a root
 * (B3, B5, B12), what keeps bombs from its memory and its processes (B9, B21, C12), and what ends or reports processes that would stay (C16, C26, C28). The others are not in the table yet.
 */
export const DEFENCES: readonly Defence[] = [
  {
    number: 'B1',
    what: 'nothing of ours runs from the file of the host',
    without: [gone('native/launch/sealed.c', 'if (is_sealed(fd))', 'if (fd >= 0)')],
    test: ['test/e2e/isolation/hostile-image.test.ts', 'is not what the main command gets hold of'],
  },
  {
    number: 'B4',
    what: 'what is read is looked at before it is opened',
    without: [
      gone(
        'native/ops/trees/pack.c',
        'openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC)',
        'openat(from, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)',
      ),
    ],
    test: ['test/e2e/isolation/swapped-paths.test.ts', 'is never opened, to be packed or copied'],
  },
  {
    number: 'B6',
    what: 'names of layers that climb out are refused',
    without: [
      gone('src/tar/check.ts', 'else if (parts.pop() === undefined) throw climbs(given)', 'else parts.pop()'),
    ],
    test: [LAYERS, 'a name that climbs out'],
  },
  {
    number: 'B7',
    what: 'whiteouts of nothing, the folder or the one above are refused',
    without: [
      gone(
        'src/image/layer/entries.ts',
        "if (name === '' || name === '.' || name === '..') throw nothing(marker.name)",
      ),
    ],
    test: [LAYERS, 'a whiteout of the folder'],
  },
  {
    number: 'B8',
    what: 'attributes of overlays are left out of layers',
    without: [gone('src/tar/check.ts', "!name.includes('\\0') && HARMLESS.test(name)", 'name !== ""')],
    test: ['test/e2e/images/layers.test.ts', 'what a layer says of overlayfs itself is not believed'],
  },
  {
    number: 'B10',
    what: 'credentials stay with the server that they are for',
    without: [
      gone(
        'src/image/registry/endpoint.ts',
        'const { authorization: _, ...headers } = shape.headers ?? {}',
        'const headers = shape.headers ?? {}',
      ),
    ],
    test: ['src/image/registry/endpoint.test.ts', 'another server gets the request without who we are'],
  },
  {
    number: 'B10',
    what: 'passwords do not go out in the clear',
    without: [
      gone('src/image/registry/authorization.ts', 'realm === undefined || !isSafe', 'realm === undefined'),
    ],
    test: [CLIENT, 'a password is not sent in the clear to where a registry points'],
  },
  {
    number: 'B16',
    what: 'frames with addresses of others are dropped',
    without: [gone('src/network/firewall/anti-spoof.ts', "policy: 'drop'", "policy: 'accept'")],
    built: true,
    test: ['test/e2e/networks/spoofing.test.ts', 'are who they are, whatever a container says'],
  },
  {
    number: 'B17',
    what: 'what comes from outside to an address of a container is dropped',
    without: [
      gone(
        'src/network/firewall/network-parts.ts',
        '[rule(TRANSLATED, ACCEPT)]), DROP]',
        '[rule(TRANSLATED, ACCEPT)]), ACCEPT]',
      ),
    ],
    test: [KERNEL, 'the outside does not reach addresses of containers'],
  },
  {
    number: 'B18',
    what: 'an internal network has no way out',
    without: [
      gone(
        'src/network/firewall/network-parts.ts',
        "internal ? rule(notLink('oifname', name), DROP) : ACCEPT",
        'ACCEPT',
      ),
    ],
    test: [KERNEL, 'but not from an internal network'],
  },
  {
    number: 'B19',
    what: 'no other user gets past the folders of an engine',
    without: [
      gone('src/engine/state/folders.ts', 'makeFolder(folder, 0o700)', 'makeFolder(folder, 0o755)'),
      gone('src/engine/state/folders.ts', 'chmodSync(path, stats.mode & 0o700)', 'stats.mode'),
      gone('src/engine/volumes/create.ts', 'mode: 0o700 }', 'mode: 0o755 }'),
    ],
    built: true,
    test: ['test/e2e/engine/other-users.test.ts', 'a user without rights reaches neither'],
  },
  {
    number: 'B20',
    what: 'what weakens a container is told',
    without: [
      gone(
        'src/lint/rules/isolation-weakened.ts',
        'if (CAPABILITY.test(capability)) yield',
        'if (capability === "") yield',
      ),
    ],
    test: ['src/lint/rules/data.test.ts', 'ISOLATION_WEAKENED'],
  },
  {
    number: 'B24',
    what: 'other calling conventions are none',
    without: [gone('src/engine/security/seccomp/compile.ts', 'RETURNS.killProcess)]', 'RETURNS.allow)]')],
    test: [
      'src/engine/security/seccomp/default-profile.test.ts',
      'kills foreign architectures and refuses x32',
    ],
  },
  {
    number: 'B27',
    what: 'who joins a container cannot be looked at there',
    without: ['native/launch/forerunner.c', 'native/launch/child.c', 'native/ops/identity.c'].map(file =>
      gone(file, 'prctl(PR_SET_DUMPABLE, 0', 'prctl(PR_SET_DUMPABLE, 1'),
    ),
    test: [
      'test/e2e/containers/newcomer.test.ts',
      'an exec shows nothing of the host to a default container',
    ],
  },
  {
    number: 'B29',
    what: 'control characters are shown, not obeyed',
    without: [
      gone('src/diagnostics/terminal-text.ts', 'isControl(code) ? caret(code) : text[at]', 'text[at]'),
    ],
    test: ['src/diagnostics/terminal-text.test.ts', 'cannot act on the terminal'],
  },
  {
    number: 'B32',
    what: 'no capability is inherited',
    without: [
      gone(
        'src/engine/runtime/credentials.ts',
        'inheritable: 0n, ambient: 0n',
        'inheritable: held, ambient: held',
      ),
    ],
    test: ['test/e2e/isolation/checklist.test.ts', ''],
  },
  {
    number: 'B34',
    what: 'processes are limited',
    without: [gone('src/engine/cgroup/limits-v1.ts', "pids > 0 ? String(pids) : 'max'", "'max'")],
    test: ['test/e2e/isolation/checklist.test.ts', ''],
  },
  {
    number: 'B36',
    what: 'folders that others can write to are told',
    without: [
      gone(
        'src/engine/state/folders.ts',
        '(mode & 0o022) === 0 && uid === process.geteuid?.()',
        'uid !== -1',
      ),
    ],
    test: ['src/engine/state/folders.test.ts', 'that others can write to are warned of'],
  },
  {
    number: 'C3',
    what: 'the next engine takes over what runs',
    without: [
      gone(
        'src/engine/adopt/adopt.ts',
        'await takeOver(engine, container, status, connection)',
        'connection.close()',
      ),
    ],
    test: ['test/e2e/engine/adoption.test.ts', 'runs on, and is known to run'],
  },
  {
    number: 'C4',
    what: 'a container whose monitor is lost is restarted by its policy',
    without: [
      gone(
        'src/engine/containers/supervise.ts',
        'if (await recoverMonitor(engine, container, live)) await restartByPolicy(engine, container)',
        'await recoverMonitor(engine, container, live)',
      ),
    ],
    test: [LOST, 'while it waits for its restart is started'],
  },
  {
    number: 'C5',
    what: 'so it is where the engine was lost as well',
    without: [gone('src/engine/adopt/adopt.ts', 'if (lost) await restartByPolicy(engine, container)')],
    test: [LOST, 'with engine and monitor killed at once'],
  },
  {
    number: 'C5',
    what: 'a guard ends the container of a monitor that is lost',
    without: [gone('native/monitor/guard.c', 'count || write(STDOUT_FILENO, "1", 1) != 1', 'count != 0')],
    test: [LOST, 'a container ends with its monitor'],
  },
  {
    number: 'C6',
    what: 'numbers of another boot are nobody’s',
    without: [gone('src/engine/adopt/adopt.ts', 'state.bootId !== readBootId()', "state.bootId === ''")],
    test: [LOST, 'nothing runs but what its policy starts'],
  },
  {
    number: 'C8',
    what: 'files are written beside, and renamed',
    without: [
      gone('src/linux/atomic-file.ts', 'const temporary = temporaryOf(path)', 'const temporary = path'),
    ],
    test: ['src/linux/atomic-file.test.ts', 'touches nothing of the file that was there'],
  },
  {
    number: 'C9',
    what: 'lines that a full disk takes are counted',
    without: [gone('native/log/log.c', '\t\tlog->missing++;\n')],
    test: ['test/e2e/engine/full-disk.test.ts', 'that is too much is counted'],
  },
  {
    number: 'C10',
    what: 'a disk that is read-only is told by its name',
    without: [gone('src/diagnostics/disk-full.ts', "['EROFS', 'EIO']", "['EIO']")],
    built: true,
    test: ['test/e2e/faults/readonly-root.test.ts', 'C10:'],
  },
  {
    number: 'C11',
    what: 'kills for want of memory are counted',
    without: [gone('native/monitor/oom.c', '"oom_kill ", 9', '"oom_none ", 9')],
    test: ['test/e2e/containers/out-of-memory.test.ts', 'of the first process, and of a child'],
  },
  {
    number: 'C19',
    what: 'health checks go by a clock that nobody sets',
    without: [gone('src/engine/health/probe.ts', 'performance.now()', 'Date.now()')],
    test: [LOST, 'a start period lasts as long as it would'],
  },
  {
    number: 'C20',
    what: 'parts of a line are known as such',
    without: [gone('native/log/log.c', 'whole ? "F " : "P "', '"F "')],
    test: ['test/e2e/faults/floods.test.ts', 'C20:'],
  },
  {
    number: 'C25',
    what: 'init reaps whom others leave behind',
    without: [
      gone('native/launch/init.c', 'waitpid(-1, &status, WNOHANG)', 'waitpid(main, &status, WNOHANG)'),
    ],
    test: [PROCESSES, 'C25:'],
  },
  {
    number: 'C27',
    what: 'a client that was let go is told',
    without: [
      gone(
        'src/engine/containers/attach.ts',
        'this.#queue.end(attachStalled(this.#container.name))',
        'this.#queue.end()',
      ),
    ],
    test: ['src/engine/containers/attach.test.ts', 'a client that was let go hears so by its stream'],
  },
  {
    number: 'C29',
    what: 'a pipe is not read as a file',
    without: [
      gone('native/ops/trees/files.c', 'if (!S_ISREG(info->st_mode))', 'if (S_ISDIR(info->st_mode))'),
    ],
    test: [PROCESSES, 'C29:'],
  },
  {
    number: 'C30',
    what: 'a monitor of an older version may not know a request',
    without: [
      gone(
        'src/engine/logs/open.ts',
        'if (!isUnknownToMonitor(error)) ignoreGone(error)',
        'ignoreGone(error)',
      ),
    ],
    test: ['src/engine/adopt/adopt.test.ts', 'C30: the log of a monitor'],
  },
]
