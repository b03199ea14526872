import { describe, expect, test } from 'vitest'
import { refusals } from './refusals.test-support.ts'
import { isHeld, shownTerm } from './shown.ts'

describe('what a container is shown of the machine', () => {
  test('is what it may use, unless it asks for the machine', () => {
    expect(shownTerm.read({}).proc).toBe('limits')
    expect(shownTerm.read({ Annotations: { 'com.tscompose.proc': 'host' } }).proc).toBe('host')
    expect(refusals({}, { Annotations: { 'com.tscompose.proc': 'mine' } })[0]).toContain('PROC_INVALID')
  })

  test.each([
    [{ memory: 1 << 26 }, true],
    [{ nanoCpus: 1e9 }, true],
    [{ cpuQuota: 50_000 }, true],
    [{ cpusetCpus: '0' }, true],
    [{ cpuQuota: -1 }, false],
    [{ pids: 10, cpuShares: 512, memoryReservation: 1 << 26 }, false],
  ])('is less than the machine with %j: %s', (limits, held) => {
    expect(isHeld(limits)).toBe(held)
  })
})
