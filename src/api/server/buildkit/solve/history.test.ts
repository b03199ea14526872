import { expect, test } from 'vitest'
import type { BuildRecords } from '../../../backend/build-records.ts'
import type { Solved } from '../../../backend/solves.ts'
import { codecOf } from '../proto/messages.ts'
import { History, tracesOf } from './history.ts'
import { Job } from './job.ts'
import { Jobs } from './jobs.ts'

/** Records in memory, as the disk would have them. */
function records(
  files: Map<string, Uint8Array> = new Map(),
): BuildRecords & { readonly files: typeof files } {
  return {
    files,
    read: async () => [...files.values()],
    find: async name => files.get(name),
    write: async (name, bytes) => {
      files.set(name, bytes)
    },
    remove: async name => {
      files.delete(name)
    },
  }
}

function jobOf(Ref: string, attributes: Record<string, string> = {}): Job {
  const { encode, decode } = codecOf('SolveRequest')
  return new Job(decode(encode({ Ref, FrontendAttrs: { filename: 'Dockerfile', ...attributes } })))
}

const facts = {
  platform: 'linux/amd64',
  materials: [{ uri: 'pkg:docker/base@1', digest: { sha256: 'ab' } }],
  secrets: [{ name: 's', isRequired: false, line: 2 }],
  agents: [],
}
const solved = { images: [{ config: { os: 'linux' }, platform: 'linux/amd64', facts }] } as unknown as Solved

const none = { ActiveOnly: false, Ref: '', EarlyExit: true, Filter: [], Limit: 0 }
const refsIn = async (history: History): Promise<unknown[]> => {
  const refs: unknown[] = []
  for await (const { record } of history.listen(none, [], new AbortController().signal))
    refs.push(record?.Ref)
  return refs
}
const loud = (error: unknown): never => {
  throw error
}

test('builds are remembered by the next engine, with what they told and what is told of their results', async () => {
  const disk = records()
  const history = new History(disk, loud)
  const first = jobOf('first', { 'build-arg:A': 'b', 'image-resolve-mode': 'local' })
  first.story.tell({ logs: [{ vertex: 'v', stream: 1, data: 'aGk=', timestamp: '2026-01-01T00:00:00Z' }] })
  await history.begin(first).end({ 'image.name': 'x' }, solved)
  await new Promise(resolve => setTimeout(resolve, 2))
  await history.begin(jobOf('second')).fail({ code: 2, message: 'no' })
  const next = new History(disk, loud)
  expect(await refsIn(next)).toEqual(['second', 'first'])
  expect(await next.traces('first')).toMatchObject([{ logs: [{ data: 'aGk=' }] }])
  expect(await next.traces('unknown')).toBeUndefined()
  const signal = new AbortController().signal
  for await (const { record } of next.listen({ ...none, Ref: 'first' }, [], signal)) {
    const digest = record?.Result?.Attestations?.[0]?.digest ?? ''
    expect(JSON.parse((await next.document(digest)) ?? '')).toMatchObject({
      materials: facts.materials,
      invocation: { parameters: { args: { 'build-arg:A': 'b' }, secrets: [{ id: 's', optional: true }] } },
    })
    expect(await next.document(record?.Result?.Results?.[0]?.value?.digest ?? '')).toBe('{"os":"linux"}')
  }
})

test('the oldest goes first, unless it is pinned, and what is deleted is gone, twice too', async () => {
  const disk = records()
  const history = new History(disk, loud)
  for (let count = 0; count < 60; count += 1) {
    await history.begin(jobOf(`build-${count}`)).end({}, undefined)
    if (count === 0) await history.update({ Ref: 'build-0', Pinned: true, Delete: false, Finalize: false })
  }
  expect(await refsIn(history)).toHaveLength(50)
  expect(disk.files.size).toBe(50)
  expect((await refsIn(history)).at(-1)).toBe('build-0')
  const gone = { Ref: 'build-59', Pinned: false, Delete: true, Finalize: false }
  await history.update(gone)
  await history.update(gone)
  await expect(history.update({ ...gone, Delete: false })).rejects.toMatchObject({
    code: 'BUILD_RECORD_MISSING',
  })
  expect(disk.files.has('build-59')).toBe(false)
})

test('a disk that takes nothing, and records that are none, end no build', async () => {
  const told: unknown[] = []
  const disk = { ...records(new Map([['x', Buffer.from('torn')]])) }
  const full = {
    ...disk,
    write: async () => {
      throw new Error('full')
    },
  }
  const history = new History(full, error => told.push(error))
  const job = jobOf('first')
  job.story.tell({ logs: [{ vertex: 'v', stream: 1, data: 'aGk=', timestamp: '2026-01-01T00:00:00Z' }] })
  await history.begin(job).end({}, undefined)
  expect(told).toEqual([new Error('full')])
  expect(await refsIn(history)).toEqual(['first'])
  expect(await history.traces('first')).toHaveLength(1)
})

test('a build that comes and ends while the history is read is told of all the same', async () => {
  let read = (): void => undefined
  const slow = { ...records(), read: () => new Promise<Uint8Array[]>(resolve => (read = () => resolve([]))) }
  const jobs = new Jobs()
  const history = new History(slow, loud)
  const listen = async (): Promise<unknown[]> => {
    const traces: unknown[] = []
    const { signal } = new AbortController()
    for await (const trace of tracesOf({ jobs, history }, 'asked', signal)) traces.push(trace)
    return traces
  }
  const told = listen()
  const { encode, decode } = codecOf('SolveRequest')
  const job = jobs.open(decode(encode({ Ref: 'asked', Internal: true })))
  job.story.tell({ vertexes: [] })
  await jobs.close(job)
  read()
  expect(await told).toEqual([{ vertexes: [] }])
})

test('who leaves while an event is being told to him is let go', async () => {
  const history = new History(records(), loud)
  const leaving = new AbortController()
  const refs: unknown[] = []
  const follow = async (): Promise<void> => {
    for await (const { record } of history.listen({ ...none, EarlyExit: false }, [], leaving.signal)) {
      refs.push(record?.Ref)
      leaving.abort()
    }
  }
  const gone = follow()
  await new Promise(setImmediate)
  history.begin(jobOf('one'))
  await gone
  expect(refs).toEqual(['one'])
})
