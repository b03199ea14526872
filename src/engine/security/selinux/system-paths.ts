import { failure } from '../../../diagnostics/index.ts'

/** Places of the machine that nobody may relabel for a container: the machine would not know its own files any more. */
const PLACES = [
  ...[
    '/',
    '/bin',
    '/boot',
    '/dev',
    '/etc',
    '/etc/passwd',
    '/etc/pki',
    '/etc/shadow',
    '/home',
    '/lib',
    '/lib64',
  ],
  ...[
    '/media',
    '/opt',
    '/proc',
    '/root',
    '/run',
    '/sbin',
    '/srv',
    '/sys',
    '/tmp',
    '/usr',
    '/var',
    '/var/lib',
  ],
  ...['/var/log'],
]

/**
 * Refuses what Docker refuses to relabel: places of the system, and homes of users as a whole. `path` is a source whose links were followed.
 * Fails with `RELABEL_REFUSED`.
 */
export function checkRelabelled(path: string): void {
  const plain = path.replace(/(.)\/+$/, '$1')
  if (!PLACES.includes(plain) && !/^\/home\/[^/]+$/.test(plain)) return
  throw failure({
    code: 'RELABEL_REFUSED',
    kind: 'invalidArgument',
    summary: `SELinux relabeling of ${plain} is not allowed`,
    facts: { path: plain },
    hint: 'mount a folder in it, or say `security_opt: [label=disable]` in place of z and Z',
  })
}
