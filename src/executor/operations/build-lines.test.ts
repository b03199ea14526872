import { expect, it } from 'vitest'
import { BuildLines } from './build-lines.ts'

it('tells steps by number, what they print, and how they ended', () => {
  const lines = new BuildLines()
  const told = [
    { stream: 'Step 1/4 : FROM busybox\n' },
    { status: 'Pulling', id: 'busybox' },
    { stream: ' ---> ffbe0988f57a\n', tscompose: { milliseconds: 3 } },
    { stream: 'Step 2/4 : RUN make\n' },
    { stream: ' ---> Running in ffbe0988f57a\n' },
    { stream: 'one\n\ntwo\n' },
    { stream: ' ---> ffbe0988f57a\n', tscompose: { milliseconds: 1234 } },
    { stream: 'Step 3/4 : COPY a b\n' },
    { stream: ' ---> Using cache\n' },
    { stream: ' ---> ffbe0988f57a\n', tscompose: { milliseconds: 1234 } },
    { stream: 'Step 4/4 : ENV A=1\n' },
    { stream: ' ---> ffbe0988f57a\n', tscompose: { milliseconds: 1234 } },
  ].flatMap(message => lines.of(message))
  expect(told).toEqual([
    '[1/4] FROM busybox',
    'busybox Pulling',
    '[2/4] RUN make',
    'one',
    'two',
    '[2/4] DONE 1.2s',
    '[3/4] COPY a b',
    '[3/4] CACHED',
    '[4/4] ENV A=1',
  ])
})

it('tells once what several builds hear of the image that they wait for', () => {
  const statuses = new Map()
  const [one, other] = [new BuildLines(statuses), new BuildLines(statuses)]
  const made = { id: 'bookworm', status: 'downloading packages with apt...' }
  expect([one, other, one].map(lines => lines.of(made))).toEqual([
    ['bookworm downloading packages with apt...'],
    [],
    ['bookworm downloading packages with apt...'],
  ])
  expect(other.of({ stream: 'Step 2/4 : RUN make\n' })).toEqual(['[2/4] RUN make'])
})
