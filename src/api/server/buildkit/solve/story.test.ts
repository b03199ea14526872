import { expect, test } from 'vitest'
import type { BuildTrace } from '../../../types/index.ts'
import { LogClip } from './log-clip.ts'
import { Story } from './story.ts'

const log = (text: string, vertex = 'v'): BuildTrace => ({
  logs: [
    { vertex, stream: 1, data: Buffer.from(text).toString('base64'), timestamp: '2026-01-01T00:00:00Z' },
  ],
})

async function read(story: Story): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { logs = [] } of story.follow(new AbortController().signal))
    found.push(...logs.map(({ data }) => Buffer.from(data, 'base64').toString()))
  return found
}

test('who comes early, late and afterwards hears the same', async () => {
  const story = new Story()
  const early = read(story)
  story.tell(log('one'))
  const late = read(story)
  story.tell(log('two'))
  story.end()
  story.tell(log('after the end'))
  for (const heard of [early, late, read(story)]) expect((await heard).join('')).toBe('onetwo')
})

test('what nobody reads does not fill the memory: the oldest goes', async () => {
  const story = new Story()
  const much = 'x'.repeat(199 * 1024)
  for (let count = 0; count < 500; count += 1) story.tell(log(much, `${count}`))
  story.tell(log('the last'))
  story.end()
  const heard = await read(story)
  expect(heard.length).toBeLessThan(350)
  expect(heard.at(-1)).toBe('the last')
})

test('many lines are few pieces, in order with what else happens', async () => {
  const story = new Story()
  for (let count = 0; count < 10_000; count += 1) story.tell(log('y\n'))
  story.tell(log('other\n', 'w'))
  story.tell({ vertexes: [{ digest: 'v', name: 'v', inputs: [], started: '2026-01-01T00:00:00Z' }] })
  story.tell(log('z\n'))
  story.end()
  const heard = await read(story)
  expect(heard.length).toBeLessThan(10)
  expect(heard.join('')).toBe(`${'y\n'.repeat(10_000)}other\nz\n`)
  expect(story.told.at(-2)).toHaveProperty('vertexes')
})

test('a step that says too much is clipped, by the second and in all; others are not', async () => {
  let now = 0
  const story = new Story(new LogClip(() => now))
  const say = (kibibytes: number): void => story.tell(log('x'.repeat(kibibytes * 1024)))
  say(150)
  say(100)
  say(100)
  story.tell(log('other\n', 'w'))
  now = 60_000
  say(1024)
  say(1024)
  say(1)
  story.end()
  const text = (await read(story)).join('')
  expect(text.match(/^\[output clipped, .*$/gm)).toEqual([
    '[output clipped, log limit 200KiB/s reached]',
    '[output clipped, log limit 2MiB reached]',
  ])
  expect(text).toContain('other\n')
  expect(text.match(/x/g)?.length).toBe((200 + 2048 - 350) * 1024)
})

test('all was heard when those who listen have read it, or the signal is aborted', async () => {
  const story = new Story()
  const reader = story.follow(new AbortController().signal)
  story.tell(log('one'))
  story.end()
  await reader.next()
  let isHeard = false
  const heard = story.heard(new AbortController().signal).then(() => {
    isHeard = true
  })
  await story.heard(AbortSignal.abort())
  expect(isHeard).toBe(false)
  await reader.next()
  await heard
})
