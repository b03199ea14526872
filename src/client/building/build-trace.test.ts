import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { Docker } from '../docker.ts'
import { readableProgress } from './build-trace.ts'
import { bytesField, readFields } from './wire-format.ts'

/** A field that holds an integer below 128. */
const small = (field: number, value: number): Buffer => Buffer.from([field << 3, value])
const message = (...fields: Buffer[]): Buffer => Buffer.concat(fields)
const time = small(1, 1)

const STATUS = message(
  // A step that has begun, one that was kept, one that failed.
  bytesField(
    1,
    message(bytesField(1, 'sha256:0123456789'), bytesField(3, '[1/2] RUN a'), bytesField(5, time)),
  ),
  bytesField(1, message(bytesField(3, 'FROM b'), small(4, 1), bytesField(5, time), bytesField(6, time))),
  bytesField(
    1,
    message(bytesField(3, 'c'), bytesField(5, time), bytesField(6, time), bytesField(7, 'exit 1')),
  ),
  bytesField(2, message(bytesField(3, 'layer'), small(4, 1), small(5, 3))),
  bytesField(2, message(bytesField(3, 'done'), small(4, 1))),
  bytesField(3, message(bytesField(4, 'out é\n'))),
  bytesField(3, message(bytesField(4, ' \n'))),
  bytesField(4, message(bytesField(3, 'old syntax'))),
)
const TRACE = { id: 'moby.buildkit.trace', aux: STATUS.toString('base64') }
const LINES = [
  '[sha256:01234] [1/2] RUN a',
  'CACHED: FROM b',
  'ERROR: exit 1',
  'out é',
  'layer: 33% (1/3)',
  'WARNING: old syntax',
]

it('reads what BuildKit says of a build as lines', () => {
  expect(readableProgress(TRACE)).toEqual(LINES.map(line => ({ stream: `${line}\n` })))
  expect(readableProgress({ id: 'moby.image.id', aux: { ID: 'sha256:1' } })).toEqual([
    { stream: 'Built image: sha256:1\n' },
  ])
})

it('leaves alone what others say, and passes over what it does not understand', () => {
  for (const value of [{ stream: 'x' }, { aux: { ID: 'sha256:1' } }, { id: 'moby.buildkit.trace', aux: {} }])
    expect(readableProgress(value)).toEqual([value])
  for (const aux of ['', 'CP8=', STATUS.subarray(0, 9).toString('base64')])
    expect(readableProgress({ id: 'moby.buildkit.trace', aux })).toEqual([])
})

it('does so for `followProgress` of the client, and not for that of the modem', async () => {
  const docker = new Docker({ socketPath: '/nobody' })
  const follow = (way: Pick<Docker, 'followProgress'>) =>
    new Promise(resolve => {
      const stream = new PassThrough()
      const seen: object[] = []
      way.followProgress(
        stream,
        (error, output) => resolve([error, output, seen]),
        event => seen.push(event),
      )
      stream.write(`${JSON.stringify(TRACE).slice(0, 9)}`)
      stream.end(`${JSON.stringify(TRACE).slice(9)}\n\n{"stream":"rest"}`)
    })
  const events = [...LINES.map(line => ({ stream: `${line}\n` })), { stream: 'rest' }]
  expect(await follow(docker)).toEqual([null, events, events])
  const raw = [TRACE, { stream: 'rest' }]
  expect(await follow(docker.modem)).toEqual([null, raw, raw])
})

it('reads integers of any length, and refuses what is cut off', () => {
  const big = Buffer.from([8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
  expect([...readFields(big)]).toEqual([[1, 0xffffffffffffffffn]])
  expect([...readFields(Buffer.from([0x0d, 1, 0, 0, 0]))]).toEqual([[1, Buffer.from([1, 0, 0, 0])]])
  for (const bytes of [[8], [0x0b], [0x0a, 5, 1], [8, ...Array<number>(11).fill(0xff)]])
    expect(() => [...readFields(Buffer.from(bytes))]).toThrow(RangeError)
})
