import { expect, test } from 'vitest'
import { listSnapshots, removeSnapshots, restoreSnapshot, saveSnapshot } from './snapshots.ts'

test('another engine has no snapshots, and is not even asked', async () => {
  const target = { env: { DOCKER_HOST: 'unix:///nowhere.sock' } }
  const asked = [
    () => saveSnapshot(target, 'one'),
    () => restoreSnapshot(target, 'one'),
    () => removeSnapshots(target, ['one']),
    () => listSnapshots(target),
  ]
  for (const ask of asked)
    await expect((async () => ask())()).rejects.toMatchObject({ code: 'SNAPSHOT_ENGINE' })
})
