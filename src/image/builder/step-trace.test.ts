import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BuildTrace, TraceVertex } from '../../diagnostics/build-trace.ts'
import { type Lab, makeLab } from '../testing/fakes.ts'

let lab: Lab
beforeEach(async () => {
  lab = await makeLab()
})
afterEach(() => lab.remove())

const traces = (): readonly BuildTrace[] =>
  lab.events.flatMap(event => (event.type === 'trace' ? [event.trace] : []))
/** The last word on each step. */
const vertexes = (): ReadonlyMap<string, TraceVertex> =>
  new Map(traces().flatMap(({ vertexes: told = [] }) => told.map(each => [each.name, each] as const)))
const logs = (): string =>
  traces()
    .flatMap(({ logs: told = [] }) => told.map(({ data }) => Buffer.from(data, 'base64').toString()))
    .join('')

const FILE = `FROM scratch AS tool
RUN say from tool
FROM scratch
ENV A=1
RUN say hello
COPY --from=tool / /tool/`

test('a build tells each step that does something, with its output, and what follows', async () => {
  await lab.build(FILE, { traced: true, tags: ['app:1'] })
  expect([...vertexes().keys()]).toEqual([
    '[internal] load build definition from Dockerfile',
    '[tool 1/2] FROM scratch AS tool',
    '[stage-1 1/3] FROM scratch',
    '[tool 2/2] RUN say from tool',
    '[stage-1 2/3] RUN say hello',
    '[stage-1 3/3] COPY --from=tool / /tool/',
    'exporting to image',
  ])
  for (const { completed, cached, error } of vertexes().values()) {
    expect(completed).toBeDefined()
    expect([cached, error]).toEqual([undefined, undefined])
  }
  expect(logs()).toContain('hello\n')
  expect(logs()).toContain('from tool\n')
})

test('every message is of a step that has begun, and steps have ended before the build', async () => {
  await lab.build(FILE, { traced: true })
  const begun = new Set<string>()
  for (const { vertexes: told = [], logs: said = [], statuses = [] } of traces()) {
    for (const { digest } of told) begun.add(digest)
    for (const { vertex } of [...said, ...statuses]) expect(begun).toContain(vertex)
  }
  expect(new Set([...vertexes().values()].map(({ digest }) => digest)).size).toBe(7)
})

test('the second build says which steps it had', async () => {
  await lab.build(FILE)
  await lab.build(FILE, { traced: true })
  const cached = [...vertexes().values()].filter(each => each.cached === true).map(({ name }) => name)
  expect(cached).toEqual(
    expect.arrayContaining(['[tool 2/2] RUN say from tool', '[stage-1 2/3] RUN say hello']),
  )
})

test('a step that fails says why, and nothing is told where nobody asks', async () => {
  await expect(lab.build('FROM scratch\nRUN fail 7', { traced: true })).rejects.toMatchObject({
    diagnostics: [{ exitStatus: 7 }],
  })
  expect(vertexes().get('[2/2] RUN fail 7')?.error).toMatch(/exit code: 7/)
  await lab.build(FILE)
  expect(traces()).toEqual([])
})
