import { describe, expect, it } from 'vitest'
import { codeOfThrown } from '../runtime/thrown.test-support.ts'
import { ALL_CAPABILITIES, DEFAULT_CAPABILITIES, namesOf, resolveCapabilities } from './capabilities.ts'

describe('capabilities', () => {
  it("are Docker's by default", () => {
    expect(resolveCapabilities({})).toBe(0xa80425fbn)
    expect(namesOf(DEFAULT_CAPABILITIES)).toHaveLength(14)
  })

  it.each([
    [{ capAdd: ['NET_ADMIN'] }, DEFAULT_CAPABILITIES | (1n << 12n)],
    [{ capAdd: ['cap_net_admin'] }, DEFAULT_CAPABILITIES | (1n << 12n)],
    [{ capDrop: ['ALL'] }, 0n],
    [{ capDrop: ['all'], capAdd: ['CHOWN'] }, 1n],
    [{ capAdd: ['ALL'] }, ALL_CAPABILITIES],
    [{ capAdd: ['ALL'], capDrop: ['SYS_ADMIN'] }, ALL_CAPABILITIES & ~(1n << 21n)],
    [{ capAdd: ['CHOWN'], capDrop: ['CHOWN'] }, DEFAULT_CAPABILITIES & ~1n],
    [{ privileged: true, capDrop: ['ALL'] }, ALL_CAPABILITIES],
  ])('resolve %o', (request, wanted) => {
    expect(resolveCapabilities(request)).toBe(wanted)
  })

  it('are never more than the engine has', () => {
    expect(resolveCapabilities({ privileged: true }, 0b11n)).toBe(0b11n)
    expect(resolveCapabilities({ capAdd: ['ALL'] }, 0b101n)).toBe(0b101n)
  })

  it('refuse unknown names', () => {
    for (const name of ['NET_EVERYTHING', 'CAP_ALL'])
      expect(codeOfThrown(() => resolveCapabilities({ capAdd: [name] }))).toBe('CAPABILITY_UNKNOWN')
  })
})
