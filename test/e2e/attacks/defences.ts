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
const CLIENT = 'src/image/registry/client.test.ts'
const KERNEL = 'test/e2e/networks/kernel.test.ts'

const gone = (file: string, piece: string, instead = ''): Removal => ({ file, piece, instead })

/**
 * `npm run test:defences` takes them out, one after the other, and has the test fail. Those of B 2, 5, 11, 13, 14, 15, 22, 23, 25, 26, 28, 30, 31, 33
 * and 35 were taken out by hand when attacks.test.ts was written. What would hurt the machine that it is tried on stays in: paths beneath a root
 * (B3, B5, B12), and what keeps bombs from its memory and its processes (B9, B21, C12). The others are not in the table yet.
 */
export const DEFENCES: readonly Defence[] = [
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
    number: 'C19',
    what: 'health checks go by a clock that nobody sets',
    without: [gone('src/engine/health/probe.ts', 'performance.now()', 'Date.now()')],
    test: [LOST, 'a start period lasts as long as it would'],
  },
]
