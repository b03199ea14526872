import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { present, requires } from '../../test/requires.ts'
import { describeOp } from './describe.ts'
import { encodeProgram, flatten, renderIdRanges } from './encode.ts'
import { LAYOUT } from './layout.ts'
import type { OpLayout } from './layout-fields.ts'
import { renderOpsHeader } from './ops-header.ts'
import { type Op, type Program, STAGES } from './program.ts'
import { MAX_PROGRAM, MAX_SLOTS } from './wire.ts'

const BINARY =
  process.env['TSCOMPOSE_NATIVE'] ?? new URL('../../native/build/tscompose-native', import.meta.url).pathname

const PROGRAM: Program = {
  supervise: [
    {
      op: 'publish',
      protocol: 'udp',
      hostIp: '0.0.0.0',
      hostPort: 53,
      targetIp: '172.18.0.2',
      targetPort: 5353,
      count: 1,
      both: false,
    },
  ],
  setup: [
    { op: 'newNetns' },
    {
      op: 'netlink',
      netns: 'container',
      bytes: new Uint8Array([1, 2, 3, 4]),
      ignore: [17],
      purpose: 'set up lo',
    },
  ],
  outside: [
    {
      op: 'openTree',
      slot: 3,
      path: '/a',
      recursive: true,
      attributes: ['ro', 'nosuid'],
      propagation: 'slave',
    },
    { op: 'overlay', slot: 0, lowerSlots: [1, 2] },
  ],
  launch: [{ op: 'clone', newNamespaces: ['mnt', 'pid'], net: 'container', cgroupSlot: 9 }],
  attend: [{ op: 'writeProc', file: 'oom_score_adj', value: '500' }],
  groups: [{ op: 'joinGroup', path: '/cg/tasks', slot: 4 }],
  inside: [
    { op: 'mkdir', path: '/a/ü', mode: 0o755 },
    { op: 'rlimit', resource: 7, soft: 1024n, hard: 2n ** 64n - 1n },
    { op: 'user', uid: 1000, gid: 1000, groups: [10, 20] },
  ],
  exec: [{ op: 'exec', argv: ['sh', '-c', ''], env: ['A=b'], init: true }],
}

describe('the table of operations', () => {
  test('is the one that the C program was built with', () => {
    const header = readFileSync(new URL('../../native/core/ops.h', import.meta.url), 'utf8')
    expect(renderOpsHeader()).toBe(header)
  })

  test('gives each operation a number of its own and at most twenty fields', () => {
    const layouts: readonly OpLayout[] = Object.values(LAYOUT)
    expect(new Set(layouts.map(layout => layout.code)).size).toBe(layouts.length)
    for (const layout of layouts) {
      expect(layout.stages.length).toBeGreaterThan(0)
      expect(layout.fields.length).toBeLessThanOrEqual(20)
      expect(new Set(layout.fields.map(field => field.name)).size).toBe(layout.fields.length)
    }
  })
})

describe('encoding', () => {
  test('writes the head, and operations in the order of stages', () => {
    const bytes = encodeProgram(PROGRAM)
    expect(bytes.toString('latin1', 0, 4)).toBe('TSCP')
    expect([bytes.readUInt32LE(4), bytes.readUInt32LE(8), bytes.readUInt32LE(12)]).toEqual([
      2,
      12,
      bytes.length,
    ])
    const places = flatten(PROGRAM).map(({ stage }) => STAGES.indexOf(stage))
    expect(places).toEqual([...places].sort((a, b) => a - b))
  })

  test('has one form, to the byte', () => {
    const bytes = encodeProgram({ outside: [{ op: 'open', slot: 5, path: '/x', kind: 'read' }] })
    expect(bytes.toString('hex')).toBe(
      // magic, version, count, length; kind 21, stage 2, length; slot, "/x\0", no slot to start from, kind, no namespace
      `${'54534350'}${'02000000'}${'01000000'}${'2f000000'}${'1500'}${'0200'}${'17000000'}${'05000000'}${'03000000'}${'2f7800'}${'ffffffff'}${'02000000'}${'ffffffff'}`,
    )
  })

  const bad: readonly { readonly name: string; readonly program: Program }[] = [
    { name: 'a NUL in text', program: { outside: [{ op: 'open', slot: 0, path: 'a\0b', kind: 'path' }] } },
    {
      name: 'a slot beyond the last',
      program: { outside: [{ op: 'open', slot: MAX_SLOTS, path: '/', kind: 'path' }] },
    },
    { name: 'a negative number', program: { inside: [{ op: 'umask', mask: -1 }] } },
    { name: 'a fraction', program: { inside: [{ op: 'umask', mask: 0.5 }] } },
    {
      name: 'a limit of more than 64 bits',
      program: { inside: [{ op: 'rlimit', resource: 1, soft: 2n ** 64n, hard: 0n }] },
    },
    {
      name: 'a word that is none',
      program: { outside: [{ op: 'open', slot: 0, path: '/', kind: 'x' as 'path' }] },
    },
    {
      name: 'an operation in a stage that is not its own',
      program: { setup: [{ op: 'umask', mask: 0 } as unknown as { op: 'newNetns' }] },
    },
    {
      name: 'more than a program may have',
      program: { inside: [{ op: 'seccomp', filter: Buffer.alloc(MAX_PROGRAM), flags: 0 }] },
    },
  ]
  test.each(bad)('refuses $name', ({ program }) => {
    expect(() => encodeProgram(program)).toThrow(expect.objectContaining({ code: 'NATIVE_PROGRAM_INVALID' }))
  })

  test('writes id maps as the kernel reads them', () => {
    expect(
      renderIdRanges([
        { inside: 0, outside: 100_000, count: 65_536 },
        { inside: 65_536, outside: 1, count: 1 },
      ]),
    ).toBe('0 100000 65536\n65536 1 1\n')
  })
})

// Needs the native program, but no root: `check` decodes and prints, and uses no privilege.
requires(present('the native program', BINARY)).describe('the C decoder', () => {
  const check = (bytes: Buffer): { readonly status: number | null; readonly stdout: string } =>
    spawnSync(BINARY, ['check'], { input: bytes, encoding: 'utf8' })

  test('reads what was written', () => {
    const { status, stdout } = check(encodeProgram(PROGRAM))
    expect(status).toBe(0)
    expect(stdout.trim().split('\n')).toEqual([
      '0 publish 1 "0.0.0.0" 53 "172.18.0.2" 5353 1 0',
      '1 newNetns 4294967295',
      '1 netlink 1 0 <4> [ 17 ] "set up lo" <0>',
      '2 openTree 3 "/a" 4294967295 1 3 1 4294967295 4294967295',
      '2 overlay 0 [ 1 2 ] 4294967295 4294967295 0 4294967295 4294967295 ""',
      '3 clone 537001984 0 [ ] 9 4294967295',
      '4 writeProc 3 "500" [ ]',
      '5 joinGroup "/cg/tasks" 4',
      '6 mkdir 4294967295 "/a/ü" 493 0 0',
      '6 rlimit 7 1024 18446744073709551615',
      '6 user 1000 1000 [ 10 20 ]',
      '7 exec [ "sh" "-c" "" ] [ "A=b" ] 1',
    ])
  })

  test('refuses every program that is cut short', () => {
    const bytes = encodeProgram({
      outside: [{ op: 'newTimens' }, { op: 'open', slot: 1, path: '/x', kind: 'path' }],
    })
    for (let length = 0; length < bytes.length; length++) {
      const cut = Buffer.from(bytes.subarray(0, length))
      if (length >= 16) cut.writeUInt32LE(length, 12)
      expect(check(cut).status).toBe(1)
    }
  })

  test('refuses stages out of order, unknown kinds, a command without a process', () => {
    const bytes = encodeProgram({ outside: [{ op: 'newTimens' }], inside: [{ op: 'pivotRoot' }] })
    const swapped = Buffer.concat([bytes.subarray(0, 16), bytes.subarray(24), bytes.subarray(16, 24)])
    expect(check(bytes).status).toBe(0)
    expect(check(swapped).status).toBe(1)
    const unknown = Buffer.from(bytes)
    unknown.writeUInt16LE(999, 16)
    expect(check(unknown).status).toBe(1)
    expect(check(encodeProgram({ exec: [{ op: 'exec', argv: ['x'], env: [], init: false }] })).status).toBe(1)
  })
})

test('every operation can be described', () => {
  const samples: readonly Op[] = flatten(PROGRAM).map(({ op }) => op)
  for (const op of samples) expect(describeOp(op)).toMatch(/^[a-z]/)
})

test('an operation that is frozen has the same bytes each time, in whichever program and behind whatever it stands', () => {
  const plain = { op: 'mask', path: '/proc/kcore' } as const
  const frozen = Object.freeze({ ...plain })
  const before = { op: 'umask', mask: 0o22 } as const
  for (const ops of [[], [before], [before, before]])
    expect(encodeProgram({ inside: [...ops, frozen, before] })).toEqual(
      encodeProgram({ inside: [...ops, plain, before] }),
    )
})
