import { expect, test } from 'vitest'
import { openSELinux, type SELinux } from './index.ts'
import type { SELinuxKernel } from './kernel.ts'

const CONTEXTS = `process = "system_u:system_r:container_t:s0"
content = "system_u:object_r:virt_var_lib_t:s0"
file = "system_u:object_r:container_file_t:s0"
`
const OWN = 'unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023'
const CONTAINER = 'system_u:system_r:container_t:s0'

interface Facts {
  readonly files?: Readonly<Record<string, string | undefined>>
  readonly unknown?: string
  /** What the kernel answers about rights, by source, target and class. */
  readonly access?: Readonly<Record<string, string>>
}

/** A kernel in memory that enforces a policy by which the engine may start containers, but for what `facts` say. */
function kernelOf({ files = {}, unknown, access = {} }: Facts): SELinuxKernel {
  const all: Readonly<Record<string, string | undefined>> = {
    '/sys/fs/selinux/enforce': '1',
    '/sys/fs/selinux/mls': '1',
    '/proc/self/attr/current': `${OWN}\0`,
    '/etc/selinux/config': '# comment\nSELINUX=enforcing\nSELINUXTYPE=default\n',
    '/etc/selinux/default/contexts/lxc_contexts': CONTEXTS,
    '/sys/fs/selinux/class/process/index': '2',
    '/sys/fs/selinux/class/process/perms/transition': '2',
    '/sys/fs/selinux/class/fd/index': '9',
    '/sys/fs/selinux/class/fd/perms/use': '1',
    ...files,
  }
  return {
    read: path => all[path],
    ask: (path, question) => {
      if (path.endsWith('/context')) return question === unknown ? undefined : question
      return access[question] ?? '3 ffffffff 0 ffffffff 1 0'
    },
  }
}

const REFUSED = '1 ffffffff 0 ffffffff 1 0'

test('containers get the types that the policy names', () => {
  const { selinux, warning } = openSELinux(kernelOf({}))
  expect(warning).toBeUndefined()
  expect(selinux?.defaults).toEqual({
    process: { user: 'system_u', role: 'system_r', type: 'container_t', level: 's0' },
    file: { user: 'system_u', role: 'object_r', type: 'container_file_t', level: 's0' },
  })
})

test('without levels where the kernel has none', () => {
  const { selinux } = openSELinux(kernelOf({ files: { '/sys/fs/selinux/mls': '0' } }))
  expect(selinux?.defaults.process).not.toHaveProperty('level')
})

test('as the engine’s own user where the policy lets it start them so alone', () => {
  const access = { [`${OWN} ${CONTAINER} 2`]: REFUSED }
  const { selinux } = openSELinux(kernelOf({ access }))
  const { process, file } = selinux?.defaults ?? {}
  expect([process?.user, file?.user]).toEqual(['unconfined_u', 'unconfined_u'])
})

test.each<[string, Facts, Partial<Record<keyof ReturnType<typeof openSELinux>, unknown>>]>([
  ['it is off', { files: { '/sys/fs/selinux/enforce': undefined } }, {}],
  ['no policy is loaded', { files: { '/proc/self/attr/current': 'kernel\0' } }, { warning: /no policy/ }],
  [
    'the policy has no types for containers',
    { files: { '/etc/selinux/default/contexts/lxc_contexts': undefined } },
    { warning: /lxc_contexts/ },
  ],
  ['another policy is loaded', { unknown: CONTAINER }, { warning: /container_t/ }],
])('there are none where %s', (_, facts, found) => {
  const { selinux, warning } = openSELinux(kernelOf(facts))
  expect(selinux).toBeUndefined()
  if (found.warning === undefined) expect(warning).toBeUndefined()
  else expect(warning).toMatch(found.warning as RegExp)
})

const users = ['system_u:system_r', 'unconfined_u:system_r', 'unconfined_u:unconfined_r']
const refused = (question: (container: string) => string, answer: string): Readonly<Record<string, string>> =>
  Object.fromEntries(users.map(user => [question(`${user}:container_t:s0`), answer]))

test.each<[string, Facts, boolean]>([
  ['may not start them', { access: refused(each => `${OWN} ${each} 2`, REFUSED) }, false],
  [
    'is one whose descriptors they may not use',
    { access: refused(each => `${each} ${OWN} 9`, '0 f 0 f 1 0') },
    false,
  ],
  ['may do all, and is logged', { access: refused(each => `${OWN} ${each} 2`, '1 f 0 f 1 1') }, true],
  [
    'may not, and nothing is enforced',
    { access: refused(each => `${OWN} ${each} 2`, REFUSED), files: { '/sys/fs/selinux/enforce': '0' } },
    true,
  ],
])('an engine whose domain %s', (_, facts, labelled) => {
  const { selinux, warning } = openSELinux(kernelOf(facts))
  expect(selinux !== undefined).toBe(labelled)
  if (!labelled) expect(warning).toContain(OWN)
})

test('a context is known by the kernel’s word', () => {
  const { selinux } = openSELinux(kernelOf({ unknown: 'a:b:c:s0' })) as { selinux: SELinux }
  expect([selinux.knows('a:b:c:s0'), selinux.knows(CONTAINER)]).toEqual([false, true])
})
