import { expect, test } from 'vitest'
import { IdleHeap } from './idle-heap.ts'

const MB = 1024 * 1024

/** A heap of this size, in MB, in a process that is as busy, from look to look, as told; it loses half of it when it is emptied. */
function process(size: number): {
  busy: number
  size: number
  emptied: number
  look(count: number): Promise<void>
} {
  const self = { busy: 0, size, emptied: 0, look }
  const heap = new IdleHeap({
    heap: {
      utilization: () => self.busy,
      size: () => self.size * MB,
      async empty() {
        self.emptied += 1
        self.size /= 2
      },
    },
  })
  async function look(count: number): Promise<void> {
    for (let at = 0; at < count; at++) await heap.look()
  }
  return self
}

test('a heap is emptied once when nothing has happened for a while', async () => {
  const engine = process(20)
  engine.busy = 0.5
  await engine.look(20)
  expect(engine.emptied).toBe(0)
  engine.busy = 0.01
  await engine.look(5)
  expect(engine.emptied).toBe(0)
  await engine.look(50)
  expect(engine.emptied).toBe(1)
})

test('and again when it has grown by then, and not for a little', async () => {
  const engine = process(40)
  await engine.look(10)
  for (const [grown, emptied] of [
    [2, 1],
    [18, 2],
  ] as const) {
    engine.busy = 0.5
    await engine.look(1)
    engine.size += grown
    engine.busy = 0
    await engine.look(10)
    expect(engine.emptied).toBe(emptied)
  }
})

test('one of which somebody knows that it is quiet is emptied at once, and again when it has grown by what was named', async () => {
  let size = 20
  let emptied = 0
  const heap = new IdleHeap({
    heap: {
      utilization: () => 1,
      size: () => size * MB,
      async empty() {
        emptied += 1
        size = 10
      },
    },
    worth: 2 * MB,
  })
  for (const grown of [0, 1, 1]) {
    size += grown
    await heap.empty()
  }
  expect(emptied).toBe(2)
})
