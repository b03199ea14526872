import { Failure, failure } from '../../diagnostics/index.ts'
import { credentialsForImage } from '../../oci/credentials.ts'
import type { Executor } from '../execution.ts'
import { tolerate } from '../tolerate.ts'
import { followLines } from './lines.ts'

/** Fetches an image, telling each layer's progress. */
export const pullImage: Executor<'pullImage'> = async (operation, context) => {
  try {
    await fetchImage(operation, context)
  } catch (error) {
    throw operation.builtBy === undefined ? error : toldOfBuild(error, operation.builtBy)
  }
}

/** The failure of a pull, with the way to the image that the file itself has. */
function toldOfBuild(error: unknown, service: string): unknown {
  if (!(error instanceof Failure) || error.code === 'ENGINE_UNREACHABLE') return error
  const hint = `the file builds it: tscompose build ${service}, or pull --ignore-buildable`
  const diagnostics = error.diagnostics.map((each, index) => (index === 0 ? { ...each, hint } : each))
  return new Failure(error.kind, diagnostics, error)
}

const fetchImage: Executor<'pullImage'> = async ({ reference, platform }, { execution, report }) => {
  const { signal } = execution.options
  const authconfig = await credentialsForImage(reference, signal)
  const stream = await execution.docker.pull(reference, {
    ...(authconfig === undefined ? {} : { authconfig }),
    ...(platform === undefined ? {} : { platform }),
    ...(signal === undefined ? {} : { abortSignal: signal }),
  })
  await followLines(stream, 'IMAGE_PULL_FAILED', `pull of "${reference}" failed`, line =>
    report({
      text: 'Pulling',
      detail: [line.id, line.status].filter(part => part !== undefined).join(' '),
      ...(line.progressDetail?.current === undefined ? {} : { current: line.progressDetail.current }),
      ...(line.progressDetail?.total === undefined ? {} : { total: line.progressDetail.total }),
    }),
  )
  const digest = await execution.digestOf(reference)
  if (digest === undefined)
    throw failure({ code: 'IMAGE_PULL_FAILED', summary: `pull of "${reference}" ended without the image` })
}

/** One that is gone already is as it should be. */
export const removeImage: Executor<'removeImage'> = async ({ reference }, { execution }) => {
  await tolerate(['notFound'], execution.docker.getImage(reference).remove({}))
}
