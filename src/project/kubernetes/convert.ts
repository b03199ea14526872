import type { Conversion, ConvertOptions, OutputFile, OutputFormat } from '../../deploy/kubernetes/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { Project } from '../../model/index.ts'
import { ProjectFailure } from '../failures.ts'
import { withImages } from '../image-digests.ts'
import { loadModel, projectOf } from '../model.ts'
import type { Target } from '../target.ts'
import { readHostFile } from './host-files.ts'
import { writeFolder } from './write-folder.ts'

/** How a project is converted, and where to. */
export interface ConvertRequest extends ConvertOptions {
  /** Services to convert, with those that they depend on; absent or empty: all that no profile switches off. */
  readonly services?: readonly string[]
  /** `manifests` by default. */
  readonly format?: OutputFormat
  /** Images of services, in place of those that they name. */
  readonly images?: ReadonlyMap<string, string>
  /** Folder to write to; absent: nothing is written. */
  readonly output?: string
  /** Nothing is written where anything is lost. */
  readonly strict?: boolean
}

/** What came of it. */
export interface Converted {
  readonly project: Project
  readonly conversion: Conversion
  /** Whether they were written. */
  readonly isWritten: boolean
  /** In the folder of the output; with contents of secrets where `isSecret` says so. */
  readonly files: readonly OutputFile[]
  /** Texts of the Compose files by name, for the places of losses. */
  readonly sources: ReadonlyMap<string, string>
}

/**
 * The project as objects of Kubernetes, written as files where `output` names a folder: those of an earlier run that are not made
 * any more are removed, nothing else in it is touched. Needs neither engine nor cluster. Raises ProjectFailure with all that is
 * wrong with the files; OUTPUT_FILE.
 */
export async function convertToKubernetes(target: Target, request: ConvertRequest = {}): Promise<Converted> {
  const { services = [], format = 'manifests', images, output, strict = false, ...options } = request
  const loaded = await loadModel(target, services.length === 0 ? {} : { services })
  const project = withImagesOf(await projectOf(target, loaded), images)
  const { convert, filesOf, HEADER } = await import('../../deploy/kubernetes/index.ts')
  const conversion = convert(project, options, readHostFile)
  checkNamespace(conversion.namespace)
  if (conversion.refusals.length > 0) throw new ProjectFailure(conversion.refusals, loaded.sources)
  const files = filesOf(conversion, format)
  const isWritten = output !== undefined && !(strict && conversion.losses.length > 0)
  if (isWritten) writeFolder(output, files, HEADER)
  return { conversion, files, isWritten, project, sources: loaded.sources }
}

/** Raises KUBERNETES_NAMESPACE where no API server would take it. */
export function checkNamespace(namespace: string): void {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) return
  throw failure({
    code: 'KUBERNETES_NAMESPACE',
    kind: 'invalidArgument',
    summary: `Kubernetes has no namespace that is called "${namespace}": want lower-case letters, digits and -, 63 at most`,
  })
}

function withImagesOf(project: Project, images: ReadonlyMap<string, string> = new Map()): Project {
  if (images.size === 0) return project
  const { model } = project
  return { ...project, model: { ...model, services: withImages(model.services, images) } }
}

export type { Conversion }
