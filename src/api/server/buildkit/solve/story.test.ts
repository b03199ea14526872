import { expect, test } from 'vitest'
import type { BuildTrace } from '../../../types/index.ts'
import { Story } from './story.ts'

const log = (data: string): BuildTrace => ({
  logs: [{ vertex: 'v', stream: 1, data, timestamp: '2026-01-01T00:00:00Z' }],
})

async function read(story: Story): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { logs = [] } of story.follow(new AbortController().signal))
    found.push(...logs.map(({ data }) => data))
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
  for (const heard of [early, late, read(story)]) expect(await heard).toEqual(['one', 'two'])
})

test('what nobody reads does not fill the memory: the oldest goes', async () => {
  const story = new Story()
  const megabyte = 'x'.repeat(1024 * 1024)
  for (let count = 0; count < 100; count += 1) story.tell(log(`${count} ${megabyte}`))
  story.tell(log('the last'))
  story.end()
  const heard = await read(story)
  expect(heard.length).toBeLessThan(70)
  expect(heard.at(-1)).toBe('the last')
})
