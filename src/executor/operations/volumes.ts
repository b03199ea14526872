import { volumeRequest } from '../create-request/index.ts'
import type { Executor } from '../execution.ts'
import { tolerate } from '../tolerate.ts'

/** Creating a volume that is there answers with it. */
export const createVolume: Executor<'createVolume'> = async ({ volume, labels }, { execution }) => {
  await execution.docker.createVolume(volumeRequest(volume, labels))
}

/** One that is gone already is as it should be. */
export const removeVolume: Executor<'removeVolume'> = async ({ resource }, { execution }) => {
  await tolerate(['notFound'], execution.docker.getVolume(resource.name).remove())
}
