import { expect, test } from 'vitest'
import { findVictim } from './oom.ts'

const ID = 'a'.repeat(64)
const record = (oom: string, task: string, name = 'tail', pid = 7): string =>
  `4,812,48461732886,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=${oom},task_memcg=${task},task=${name},pid=${pid},uid=0\n`

test('the victim is the last one in the groups of the container', () => {
  const own = `/tscompose/${ID}`
  const log = [
    record(own, own),
    record(own, `${own}/below`, 'a,task=b,pid=1', 9),
    record('/x', '/x', 'other', 1),
  ]
  expect(findVictim(log, ID)).toEqual({ name: 'a,task=b,pid=1', pid: 9, elsewhere: false, ofBudget: false })
  expect(findVictim(log, 'b'.repeat(64))).toBeUndefined()
})

test('the limit may be that of a group further up', () => {
  const log = [record('/tscompose/parents/shop', `/tscompose/parents/shop/${ID}`)]
  expect(findVictim(log, ID)).toMatchObject({ elsewhere: true, ofBudget: false })
  const shared = [record('/tscompose/project-shop', `/tscompose/project-shop/parents/back/${ID}`)]
  expect(findVictim(shared, ID)).toMatchObject({ elsewhere: true, ofBudget: true })
})
