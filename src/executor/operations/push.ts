import { failure } from '../../diagnostics/index.ts'
import { credentialsForImage } from '../../oci/credentials.ts'
import { splitReference } from '../../oci/reference.ts'
import type { Executor } from '../execution.ts'
import { followLines } from './lines.ts'

/** Sends an image to its registry, telling each layer's progress. */
export const pushImage: Executor<'pushImage'> = async ({ reference }, { execution, report }) => {
  const { name, tag = 'latest' } = splitReference(reference)
  const { signal } = execution.options
  const authconfig = await credentialsForImage(reference, signal)
  const stream = await execution.docker.getImage(name).push({
    tag,
    ...(authconfig === undefined ? {} : { authconfig }),
    ...(signal === undefined ? {} : { abortSignal: signal }),
  })
  let isPushed = false
  await followLines(stream, 'IMAGE_PUSH_FAILED', `push of "${reference}" failed`, line => {
    isPushed ||= line.aux?.Digest !== undefined
    const detail = [line.id, line.status].filter(part => part !== undefined).join(' ')
    if (detail === '') return
    report({
      text: 'Pushing',
      detail,
      ...(line.progressDetail?.current === undefined ? {} : { current: line.progressDetail.current }),
      ...(line.progressDetail?.total === undefined ? {} : { total: line.progressDetail.total }),
    })
  })
  if (!isPushed)
    throw failure({ code: 'IMAGE_PUSH_FAILED', summary: `push of "${reference}" ended without a digest` })
}
