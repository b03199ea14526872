import { describe, expect, it } from 'vitest'
import { codeOfThrown } from '../runtime/thrown.test-support.ts'
import { namespaceOfSysctl, sysctlName } from './sysctls.ts'

describe('sysctls', () => {
  it.each([
    ['net.core.somaxconn', 'net'],
    ['net/ipv6/conf/eth0.5/disable_ipv6', 'net'],
    ['kernel.shmmax', 'ipc'],
    ['fs.mqueue.msg_max', 'ipc'],
    ['kernel.domainname', 'uts'],
  ])('%s belongs to %s', (name, wanted) => {
    expect(namespaceOfSysctl(name)).toBe(wanted)
  })

  it.each([
    'kernel.core_pattern',
    'vm.swappiness',
    'net.../../kernel.core_pattern',
    'net/../kernel/core_pattern',
    'net',
    'net.',
    'kernel.shmmax\n',
    '',
  ])('%j is refused', name => {
    expect(codeOfThrown(() => namespaceOfSysctl(name))).toBe('SYSCTL_NOT_NAMESPACED')
  })

  it('are dotted, a slash standing for a dot of a name', () => {
    expect(sysctlName('net/ipv4/conf/eth0.5/forwarding')).toBe('net.ipv4.conf.eth0/5.forwarding')
  })
})
