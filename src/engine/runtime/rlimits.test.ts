import { describe, expect, it } from 'vitest'
import { compileRlimits, INFINITY, parseLimits } from './rlimits.ts'
import { codeOfThrown } from './thrown.test-support.ts'

const SYS_RESOURCE = 1n << 24n
const own = parseLimits(`Limit                     Soft Limit           Hard Limit           Units
Max stack size            8388608              unlimited            bytes
Max core file size        unlimited            unlimited            bytes
Max open files            1024                 20000                files
`)

describe('rlimits', () => {
  it("are read from the kernel's table", () => {
    expect(own).toEqual({
      stack: { soft: 8_388_608n, hard: INFINITY },
      core: { soft: INFINITY, hard: INFINITY },
      nofile: { soft: 1024n, hard: 20_000n },
    })
  })

  it('default to many files, no core file, and stay below what the engine may give', () => {
    expect(compileRlimits([], own, 0n)).toEqual([
      { op: 'rlimit', resource: 7, soft: 20_000n, hard: 20_000n },
      { op: 'rlimit', resource: 4, soft: 0n, hard: INFINITY },
      { op: 'rlimit', resource: 3, soft: 8_388_608n, hard: INFINITY },
    ])
    expect(compileRlimits([], own, SYS_RESOURCE)[0]).toMatchObject({ soft: 1_048_576n, hard: 1_048_576n })
  })

  it("take the user's, where -1 is unlimited", () => {
    const ops = compileRlimits([{ name: 'core', soft: -1, hard: -1 }], own, 0n)
    expect(ops).toContainEqual({ op: 'rlimit', resource: 4, soft: INFINITY, hard: INFINITY })
  })

  it.each([
    [{ name: 'files', soft: 1, hard: 1 }, 'RLIMIT_UNKNOWN'],
    [{ name: 'nofile', soft: 2, hard: 1 }, 'RLIMIT_INVALID'],
    [{ name: 'nofile', soft: 1, hard: 30_000 }, 'RLIMIT_ABOVE_HARD'],
  ])('refuse %o with %s', (limit, code) => {
    expect(codeOfThrown(() => compileRlimits([limit], own, 0n))).toBe(code)
  })
})
