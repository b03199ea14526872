import type { Diagnostic } from '../../diagnostics/index.ts'
import { OperationCollector } from '../core/builder.ts'
import type { Operation } from './operation.ts'
import type { DivergedVolume, Plan } from './plan.ts'

/** Collects the operations of one plan for an Engine API. */
export class PlanBuilder extends OperationCollector<Operation> {
  readonly #divergedVolumes: DivergedVolume[] = []
  readonly #problems: Diagnostic[] = []

  divergedVolume(volume: DivergedVolume): void {
    this.#divergedVolumes.push(volume)
  }

  /** What the plan is going to fail at: whoever executes it refuses before anything is done. */
  problem(diagnostic: Diagnostic): void {
    this.#problems.push(diagnostic)
  }

  build(): Plan {
    const problems = this.#problems.length === 0 ? {} : { problems: this.#problems }
    return { ...this.collect(), divergedVolumes: this.#divergedVolumes, ...problems }
  }
}
