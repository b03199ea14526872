import type { FewAtOnce } from '../../linux/few-at-once.ts'
import type { CredentialSource } from '../../oci/credentials.ts'
import type { Platform } from '../../oci/platform.ts'
import type { Material } from '../attestations/predicate.ts'
import type { Platforms } from '../defaults.ts'
import { MergedTree } from '../layer/merged-tree.ts'
import type { ImportedSteps } from '../step-cache/imports.ts'
import type { RecordedStep } from '../step-cache/types.ts'
import type { StoreLease } from '../store/lease.ts'
import type { LoadedContext } from './context.ts'
import type { BuildEvent } from './event.ts'
import type { BuildOptions } from './options.ts'
import type { NamedStage } from './stages.ts'
import type { BuiltStage } from './state.ts'
import type { StepTrace } from './step-trace.ts'

/** All that the steps of one build share. */
export interface BuildRun {
  readonly options: BuildOptions
  readonly lease: StoreLease
  readonly context: LoadedContext
  readonly stages: readonly NamedStage[]
  /** What becomes of the stages that the target needs, by index; those before a stage are there when it begins. */
  readonly built: Map<number, Promise<BuiltStage>>
  /** Values of the ARGs before the first FROM. */
  readonly globals: ReadonlyMap<string, string | undefined>
  readonly platforms: Platforms
  /** The platform that is built, where one was asked for. */
  readonly asked: Platform | undefined
  /** Seconds since 1970 that all that is made counts as made at; undefined: when it was. */
  readonly epoch: number | undefined
  readonly escapeChar: string
  /** Names of the build arguments that some ARG has asked for. */
  readonly usedArgs: Set<string>
  readonly emit: (event: BuildEvent) => void
  readonly trace: StepTrace
  /** What the image is made of, by address. */
  readonly materials: Map<string, Material>
  /** Steps that others have made. */
  readonly imported: ImportedSteps
  /** The steps so far, of all stages and platforms, by key. */
  readonly recorded: Map<string, RecordedStep>
  /** How many steps make something at once. */
  readonly slots: FewAtOnce
  /** Of one stage: step under way, all steps of the build, and whether none has run so far. */
  readonly progress: { step: number; readonly steps: number; cached: boolean }
}

/** Who has logged in nowhere. */
export const nobody: CredentialSource = async () => undefined

/** The tree of a stack of layers given bottom first. */
export async function mergedTreeOf(
  lease: Pick<StoreLease, 'folders' | 'layerInfo'>,
  diffIds: readonly string[],
): Promise<MergedTree> {
  const folders = await lease.folders(diffIds)
  // A layer that is there twice has one folder, at its upper place.
  const once = [...new Set(diffIds.toReversed())]
  const infos = await Promise.all(once.map(diffId => lease.layerInfo(diffId)))
  return new MergedTree(folders.map((folder, index) => ({ folder, opaque: infos[index]?.opaque ?? [] })))
}
