import { expect, test } from 'vitest'
import type { ProgressEvent } from '../../../project/run-plan.ts'
import { plainProgress } from './lines.ts'

const pulling = (detail: string, current?: number): ProgressEvent => ({
  operation: 'pull',
  resource: 'Image app',
  kind: 'Image',
  name: 'app',
  status: 'working',
  text: 'Pulling',
  detail,
  ...(current === undefined ? {} : { current, total: 10 }),
})

test('that bytes of a layer come is one line, however often they are counted', () => {
  const lines: string[] = []
  const view = plainProgress({ write: text => lines.push(text) }, { quietBuild: false })
  for (const current of [1, 2, 3])
    for (const layer of ['a', 'b']) view.onEvent(pulling(`${layer} Downloading`, current))
  view.onEvent(pulling('a Pull complete'))
  expect(lines).toEqual([' app | a Downloading\n', ' app | b Downloading\n', ' app | a Pull complete\n'])
})
