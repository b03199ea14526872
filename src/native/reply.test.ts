import { describe, expect, test } from 'vitest'
import { failureOf, failureOfStatus, nativeErrorOf } from './failure.ts'
import { encodeFrame, encodeNumbers, FrameReader } from './frames.ts'
import { type Program, STAGES } from './program.ts'
import { decodeReply, type Reply, ReplyReader } from './reply.ts'

/** A reply as state.c writes it. */
function reply(
  errno: number,
  opIndex: number,
  stage: number,
  detail = '',
  results: readonly string[] = [],
): Buffer {
  const parts = results.map((text, index) => {
    const head = Buffer.alloc(8)
    head.writeUInt32LE(index, 0)
    head.writeUInt32LE(text.length, 4)
    return Buffer.concat([head, Buffer.from(text)])
  })
  const bytes = Buffer.concat([Buffer.alloc(36), Buffer.from(detail), ...parts])
  bytes.writeUInt32LE(0x52435354, 0)
  bytes.writeUInt32LE(bytes.length, 4)
  bytes.writeInt32LE(errno, 8)
  bytes.writeUInt32LE(opIndex, 12)
  bytes.writeUInt32LE(stage, 16)
  bytes.writeInt32LE(77, 20)
  bytes.writeInt32LE(-1, 24)
  bytes.writeUInt32LE(detail.length, 28)
  bytes.writeUInt32LE(results.length, 32)
  return bytes
}

const PROGRAM: Program = {
  supervise: [
    {
      op: 'publish',
      protocol: 'tcp',
      hostIp: '0.0.0.0',
      hostPort: 80,
      targetIp: '10.0.0.2',
      targetPort: 8080,
      count: 1,
      both: false,
    },
  ],
  outside: [{ op: 'open', slot: 0, path: '/layers/x', kind: 'folder' }],
  exec: [{ op: 'exec', argv: ['nginx'], env: [], init: true }],
}

describe('replies', () => {
  test('are read whole, however they come', () => {
    const bytes = Buffer.concat([reply(0, 0, 0, '', ['one', 'two']), reply(2, 1, 2)])
    const reader = new ReplyReader()
    const seen: Reply[] = []
    for (const byte of bytes) seen.push(...reader.push(Buffer.from([byte])))
    expect(seen.map(each => each.errno)).toEqual([0, 2])
    expect(seen[0]?.results.map(result => result.bytes.toString())).toEqual(['one', 'two'])
    expect(seen[0]).toMatchObject({ pid: 77, exitCode: undefined })
  })

  test('of anything else are refused', () => {
    expect(() => decodeReply(Buffer.from('no reply at all, but long enough to be one'))).toThrow(
      expect.objectContaining({ code: 'NATIVE_REPLY_INVALID' }),
    )
  })
})

describe('failures', () => {
  const cases: readonly [errno: number, opIndex: number, stage: number, code: string, summary: string][] = [
    [24, 0, 0, 'FD_LIMIT', 'Cannot publish 0.0.0.0:80/tcp to 10.0.0.2:8080: too many open files'],
    [98, 0, 0, 'PORT_IN_USE', 'Cannot publish 0.0.0.0:80/tcp to 10.0.0.2:8080: address already in use'],
    [2, 1, 2, 'NATIVE_FAILED', 'Cannot open "/layers/x": no such file or directory'],
    [2, 2, 7, 'COMMAND_NOT_FOUND', 'Cannot run "nginx": no such file or directory'],
    // init does not know the index of its command.
    [13, 0xffffffff, 7, 'COMMAND_NOT_EXECUTABLE', 'Cannot run "nginx": permission denied'],
    [110, 0xffffffff, 7, 'COMMAND_START_TIMEOUT', 'Cannot run "nginx": connection timed out'],
    [12, 0xffffffff, 0, 'NATIVE_FAILED', 'Cannot run the native program: not enough memory'],
  ]
  test.each(cases)('of errno %i at operation %i, stage %i are %s', (errno, opIndex, stage, code, summary) => {
    const failure = failureOf(PROGRAM, decodeReply(reply(errno, opIndex, stage, 'more')))
    expect([failure.code, failure.message]).toEqual([code, summary])
    expect(nativeErrorOf(failure)).toMatchObject({ opIndex, detail: 'more' })
  })

  test.each([
    [20, 0, 'WORKING_DIR_BLOCKED', '"/bin/sh"'],
    [13, 0, 'NATIVE_FAILED', '"/bin/sh"'],
    [2, 1, 'SYSCTL_REFUSED', '"net.none"'],
    [22, 1, 'SYSCTL_REFUSED', '"net.none"'],
    [22, 2, 'USER_NOT_MAPPED', '70000:5'],
    [1, 2, 'NATIVE_FAILED', '70000:5'],
  ])('of errno %i inside, at operation %i, are %s', (errno, opIndex, code, named) => {
    const program: Program = {
      inside: [
        { op: 'mkdir', path: '/bin/sh', mode: 0o755 },
        { op: 'sysctl', key: 'net.none', value: '1' },
        { op: 'user', uid: 70000, gid: 5, groups: [] },
      ],
    }
    const failure = failureOf(program, decodeReply(reply(errno, opIndex, 3)))
    expect(failure.code).toBe(code)
    // By what is quoted first a file is searched.
    expect(failure.message).toContain(named)
  })

  test('of an OOM score that the kernel refuses say what it takes', () => {
    const program: Program = { attend: [{ op: 'writeProc', file: 'oom_score_adj', value: '-500' }] }
    const failure = failureOf(program, decodeReply(reply(13, 0, STAGES.indexOf('attend'))))
    expect([failure.code, failure.message]).toEqual([
      'OOM_SCORE_REFUSED',
      'Cannot set the OOM score of the process to -500: permission denied',
    ])
  })

  test('of a binary that is of another build say so', () => {
    expect(failureOf(PROGRAM, decodeReply(reply(71, 1, 0, 'program check')))).toMatchObject({
      code: 'NATIVE_PROGRAM_REFUSED',
    })
  })

  test('can be read out of a status', () => {
    expect(failureOfStatus(PROGRAM, '1:2:2:a:b')).toMatchObject({ code: 'NATIVE_FAILED' })
    expect(nativeErrorOf(failureOfStatus(undefined, '1:2:13:a:b'))).toMatchObject({
      errno: 'EACCES',
      stage: 'outside',
      detail: 'a:b',
    })
    expect(failureOfStatus(PROGRAM, '')).toBeUndefined()
  })
})

describe('frames', () => {
  test('are read whole, however they come', () => {
    const bytes = Buffer.concat([
      encodeFrame(65, Buffer.from('output'), 2),
      encodeNumbers(2, 15, 1),
      encodeFrame(66, Buffer.alloc(0)),
    ])
    for (const size of [1, 5, 9, bytes.length]) {
      const reader = new FrameReader()
      const seen = []
      for (let at = 0; at < bytes.length; at += size) seen.push(...reader.push(bytes.subarray(at, at + size)))
      expect(seen.map(frame => [frame.type, frame.flag, frame.payload.length])).toEqual([
        [65, 2, 6],
        [2, 0, 8],
        [66, 0, 0],
      ])
    }
  })

  test('of impossible length end the connection', () => {
    expect(() => new FrameReader().push(Buffer.from('41000000ffffffff', 'hex'))).toThrow(
      expect.objectContaining({ code: 'NATIVE_FRAME_INVALID' }),
    )
  })
})
