import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../../diagnostics/index.ts'
import { type Call, evaluate } from './interpreter.test-support.ts'
import { seccompFilter } from './option.ts'

const TARGET = { architecture: 'x86_64', kernel: [6, 1], capabilities: ['SYS_ADMIN'] } as const

function answer(
  profile: object,
  call: string | number,
  args: Call['args'] = [],
  abi: Call['abi'] = 'x86_64',
) {
  const filter = seccompFilter({ kind: 'profile', json: JSON.stringify(profile) }, TARGET)
  if (filter === undefined) throw new Error('no filter')
  return evaluate(filter, { abi, call, args })
}

function codeOf(json: string): string | undefined {
  try {
    seccompFilter({ kind: 'profile', json }, TARGET)
    return undefined
  } catch (error) {
    return error instanceof Failure ? error.code : String(error)
  }
}

const compare = (op: string, value: number, valueTwo?: number) => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [{ names: ['personality'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value, valueTwo, op }] }],
})

describe("a user's seccomp profile", () => {
  it('has its own default action, errno and rules', () => {
    const profile = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 30 },
        { name: 'chmod', action: 'SCMP_ACT_KILL_PROCESS' },
      ],
    }
    expect(answer(profile, 'mkdir')).toBe('errno 30')
    expect(answer(profile, 'chmod')).toBe('killProcess')
    expect(answer(profile, 'read')).toBe('allow')
    expect(answer(profile, 900)).toBe('allow')
  })

  it('minds capabilities, kernels and architectures of its rules', () => {
    const row = (more: object) => ({ names: ['mount'], action: 'SCMP_ACT_ALLOW', ...more })
    const profile = (more: object) => ({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [row(more)] })
    expect(answer(profile({ includes: { caps: ['CAP_SYS_ADMIN'] } }), 'mount')).toBe('allow')
    expect(answer(profile({ includes: { caps: ['CAP_SYS_BOOT'] } }), 'mount')).toBe('errno 1')
    expect(answer(profile({ excludes: { caps: ['CAP_SYS_ADMIN'] } }), 'mount')).toBe('errno 1')
    expect(answer(profile({ includes: { minKernel: '6.2' } }), 'mount')).toBe('errno 1')
    expect(answer(profile({ includes: { arches: ['s390x'] } }), 'mount')).toBe('errno 1')
    expect(answer(profile({ includes: { arches: ['amd64'] } }), 'mount')).toBe('allow')
  })

  it('opens the 32-bit ABI only when it is listed', () => {
    const rules = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [] }
    expect(answer(rules, 'read', [], 'i386')).toBe('killProcess')
    expect(
      answer({ ...rules, architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'] }, 'read', [], 'i386'),
    ).toBe('allow')
    const archMap = [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }]
    expect(answer({ ...rules, archMap }, 'read', [], 'i386')).toBe('allow')
  })

  it('compares arguments as 64-bit numbers', () => {
    const number = fc.oneof(fc.nat(10), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }))
    const means: Readonly<Record<string, (argument: number, value: number) => boolean>> = {
      SCMP_CMP_EQ: (argument, value) => argument === value,
      SCMP_CMP_NE: (argument, value) => argument !== value,
      SCMP_CMP_LT: (argument, value) => argument < value,
      SCMP_CMP_LE: (argument, value) => argument <= value,
      SCMP_CMP_GE: (argument, value) => argument >= value,
      SCMP_CMP_GT: (argument, value) => argument > value,
    }
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(means)), number, number, (op, argument, value) => {
        for (const each of [argument, value]) {
          const wanted = means[op]?.(each, value) ? 'allow' : 'errno 1'
          expect(answer(compare(op, value), 'personality', [each])).toBe(wanted)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('compares masked arguments', () => {
    const profile = compare('SCMP_CMP_MASKED_EQ', 0xf0, 0x30)
    expect(answer(profile, 'personality', [0x1f3f])).toBe('allow')
    expect(answer(profile, 'personality', [0x1f4f])).toBe('errno 1')
  })

  it('takes the first rule whose conditions all hold', () => {
    const args = [
      { index: 0, value: 1, op: 'SCMP_CMP_EQ' },
      { index: 1, value: 2, op: 'SCMP_CMP_EQ' },
    ]
    const profile = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        { names: ['socket'], action: 'SCMP_ACT_ERRNO', errnoRet: 5, args },
        { names: ['socket'], action: 'SCMP_ACT_ERRNO', errnoRet: 6 },
      ],
    }
    expect(answer(profile, 'socket', [1, 2])).toBe('errno 5')
    expect(answer(profile, 'socket', [1, 3])).toBe('errno 6')
  })

  it('is refused with its place when it is wrong', () => {
    expect(codeOf('{')).toBe('SECCOMP_PROFILE_INVALID')
    expect(codeOf('[]')).toBe('SECCOMP_PROFILE_INVALID')
    expect(codeOf('{"defaultAction":"SCMP_ACT_NOTIFY"}')).toBe('SECCOMP_PROFILE_INVALID')
    expect(codeOf('{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"no"}]}')).toBe(
      'SECCOMP_PROFILE_INVALID',
    )
    expect(
      codeOf(
        '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["nosuchcall"],"action":"SCMP_ACT_ALLOW"}]}',
      ),
    ).toBe(undefined)
  })
})
