import { expect, test } from 'vitest'
import type { BuildEvent } from './event.ts'
import { StageEvents } from './stage-events.ts'

const output = (text: string): BuildEvent => ({ type: 'output', stream: 'stdout', text })

function recorder(stages: number): { said: string[]; events: StageEvents } {
  const said: string[] = []
  const events = new StageEvents(stages, event =>
    said.push(event.type === 'output' ? event.text : event.type),
  )
  return { said, events }
}

test('the first stage that has not ended speaks at once, the others when it is their turn', () => {
  const { said, events } = recorder(3)
  events.tell(2, output('c'))
  events.tell(0, output('a'))
  events.tell(1, output('b'))
  expect(said).toEqual(['a'])
  events.end(2)
  events.end(0)
  expect(said).toEqual(['a', 'b'])
  events.tell(1, output('B'))
  events.end(1)
  expect(said).toEqual(['a', 'b', 'B', 'c'])
})

test('a failure stands behind the words of its own stage, and hides nobody else’s', () => {
  const { said, events } = recorder(3)
  for (const [position, text] of [...'abc'].entries()) events.tell(position, output(text))
  events.fail(1)
  expect(said).toEqual(['a', 'c', 'b'])
})

test('what is too much to wait is counted and left out, its steps are not', () => {
  const { said, events } = recorder(2)
  events.tell(1, output('x'.repeat(4 * 1024 * 1024)))
  events.tell(1, output('too much'))
  events.tell(1, { type: 'cached', step: 1 })
  events.end(0)
  expect(said.slice(1)).toEqual(['cached', '[8 characters are left out]\n'])
})
