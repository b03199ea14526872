import { type Defence, gone, type Removal } from '../harness/defence.ts'

const LAYERS = 'test/e2e/images/hostile-layers.test.ts'
const CLIENT = 'src/image/registry/client.test.ts'
const KERNEL = 'test/e2e/networks/kernel.test.ts'
const ATTACKS = 'test/e2e/attacks/attacks.test.ts'
const HOSTILE_IMAGE = 'test/e2e/isolation/hostile-image.test.ts'
const SWAPPED = 'test/e2e/isolation/swapped-paths.test.ts'
const PROFILE = 'src/engine/security/seccomp/default-profile.ts'
const PROFILE_TEST = 'src/engine/security/seccomp/default-profile.test.ts'

/** Paths beneath a root follow links as the host would; all that the tests' lead to is a folder of theirs. */
const UNCONFINED_PATHS: Removal = gone(
  'native/ops/beneath.c',
  'sys_openat2(root, path, (uint64_t)flags, 0, BENEATH)',
  'sys_openat2(root, path[strspn(path, "/")] ? path + strspn(path, "/") : ".", (uint64_t)flags, 0, 0)',
)
/** Many attacks meet a second wall in the user namespace. */
const HOSTS_IDS: Removal = gone(
  'src/engine/groups/user-settings.ts',
  "text === 'project') return true",
  "text === 'project') return false",
)

/** What holds off the attacks of `ATTACK_CASES`; `tools/take-out-defences.ts` takes it out. */
export const ATTACK_DEFENCES: readonly Defence[] = [
  {
    number: 'B1',
    what: 'nothing of ours runs from the file of the host',
    without: [gone('native/launch/sealed.c', 'if (is_sealed(fd))', 'if (fd >= 0)')],
    test: [HOSTILE_IMAGE, 'is not what the main command gets hold of'],
  },
  {
    number: 'B2',
    what: 'nothing of ours is open when the command is looked up',
    without: [
      gone(
        'native/ops/identity.c',
        'return close_all_but(state->process.channel, state->self);',
        'return 0;',
      ),
    ],
    test: [HOSTILE_IMAGE, 'a command whose path leads through /proc/self/fd'],
  },
  {
    number: 'B3',
    what: 'links of an image stay in its root',
    without: [UNCONFINED_PATHS],
    test: ['test/e2e/isolation/isolation.test.ts', 'must not reach the host through a link at'],
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
    test: [SWAPPED, 'is never opened, to be packed or copied'],
  },
  {
    number: 'B5',
    what: 'links of a container stay in its root, whenever they appear',
    without: [UNCONFINED_PATHS],
    test: [SWAPPED, 'stays in the volume when its subpath has become a link'],
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
    number: 'B9',
    what: 'no more is read of a blob than it may have',
    without: [
      gone('src/image/registry/client.ts', 'if (size > limit) throw', 'if (size < 0) throw'),
      gone('src/image/registry/answer.ts', 'if (length > limit) throw', 'if (length < 0) throw'),
    ],
    test: [CLIENT, 'more bytes than wanted are refused'],
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
    number: 'B11',
    what: 'ids that turn negative are none',
    without: [gone('src/engine/rootfs/user.ts', 'return id <= LARGEST_ID ? id : undefined', 'return id')],
    test: [ATTACKS, 'B11:'],
  },
  {
    number: 'B12',
    what: 'what a volume is filled at lies in it',
    without: [UNCONFINED_PATHS],
    test: [SWAPPED, 'is filled from the image beneath its volume'],
  },
  {
    number: 'B13',
    what: 'settings of the kernel can be read alone',
    without: [HOSTS_IDS, gone('src/engine/security/paths.ts', "  '/proc/sys',\n")],
    test: [ATTACKS, 'B13,'],
  },
  {
    number: 'B14',
    what: 'parents of groups lie below our own',
    without: [
      gone('src/engine/terms/group.ts', 'names.some(name => /^\\.+$/.test(name))', "names.includes('')"),
    ],
    test: ['src/engine/terms/group.test.ts', ''],
  },
  {
    number: 'B15',
    what: 'devices that were not given cannot be opened',
    without: [
      HOSTS_IDS,
      gone(
        'src/engine/security/devices.ts',
        "type: 'c', major: '*', minor: '*', access: 'm'",
        "type: 'c', major: '*', minor: '*', access: 'rwm'",
      ),
    ],
    test: [ATTACKS, 'B15,'],
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
    number: 'B21',
    what: 'collections stand in so many others at most',
    without: [gone('src/parser/yaml/parse.ts', 'level > LEVELS &&', 'level < 0 &&')],
    test: ['src/parser/yaml/parse.test.ts', 'five hundred levels of'],
  },
  {
    number: 'B22',
    what: 'an engine has few variables of whoever began it',
    without: [
      gone('src/project/start-engine.ts', 'for (const name of KEPT)', 'for (const name of Object.keys(env))'),
      gone(
        'native/launcher/begin.c',
        '(char *const *)variables)',
        'count ? environ : (char *const *)variables)',
      ),
    ],
    built: true,
    test: [ATTACKS, 'B22:'],
  },
  {
    number: 'B23',
    what: 'names are plain',
    without: [gone('src/engine/terms/name.ts', '!NAME.test(name) || name.length', 'name.length')],
    test: [ATTACKS, 'B23:'],
  },
  {
    number: 'B24',
    what: 'other calling conventions are none',
    without: [gone('src/engine/security/seccomp/compile.ts', 'RETURNS.killProcess)]', 'RETURNS.allow)]')],
    test: [PROFILE_TEST, 'kills foreign architectures and refuses x32'],
  },
  {
    number: 'B24',
    what: 'the old call makes no sockets',
    without: [gone(PROFILE, 'SOCKETCALLS = [2, 3,', 'SOCKETCALLS = [1, 2, 3,')],
    test: [ATTACKS, 'B24,'],
  },
  {
    number: 'B25',
    what: 'a session keyring is its own',
    without: [
      gone(
        'native/launch/child.c',
        'if (syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL) < 0 && errno != ENOSYS)',
        'if (syscall(SYS_keyctl, 0, -3, 0) < 0 && errno == EFAULT)',
      ),
    ],
    test: [ATTACKS, 'B25:'],
  },
  {
    number: 'B26',
    what: 'no user namespaces in user namespaces',
    without: [
      gone(PROFILE, "security: 'getrandom", "security: 'unshare getrandom"),
      gone(
        'native/ops/namespaces.c',
        'write_file(AT_FDCWD, "/proc/sys/user/max_user_namespaces", "0", 1)',
        '0',
      ),
    ],
    test: [ATTACKS, 'B13, B26,'],
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
    number: 'B28',
    what: 'the first process leads a session of its own',
    without: [gone('native/launch/child.c', ' || setsid() < 0')],
    test: [ATTACKS, 'B28:'],
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
    number: 'B30',
    what: 'the log of the kernel is not read',
    without: [gone(PROFILE, "security: 'getrandom", "security: 'syslog getrandom")],
    test: [PROFILE_TEST, 'refuses listed calls'],
  },
  {
    number: 'B31',
    what: 'the clock is not set',
    without: [gone(PROFILE, "security: 'getrandom", "security: 'clock_settime getrandom")],
    test: [PROFILE_TEST, 'refuses listed calls'],
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
    number: 'B33',
    what: 'there are no sockets of AF_ALG',
    without: [gone(PROFILE, '29, 31, 43]', '29, 31, 38, 43]')],
    test: [PROFILE_TEST, 'lets common socket families through'],
  },
  {
    number: 'B34',
    what: 'processes are limited',
    without: [gone('src/engine/cgroup/limits-v1.ts', "pids > 0 ? String(pids) : 'max'", "'max'")],
    test: ['test/e2e/isolation/checklist.test.ts', ''],
  },
  {
    number: 'B35',
    what: 'devices are devices',
    without: [
      gone('src/engine/security/devices.ts', 'if (found.length === 0) throw', 'if (found.length < 0) throw'),
    ],
    test: [ATTACKS, 'B35:'],
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
]
