import { OperationCollector } from '../core/builder.ts'
import type { Operation } from './operation.ts'
import type { DivergedVolume, Plan } from './plan.ts'

/** Collects the operations of one plan for an Engine API. */
export class PlanBuilder extends OperationCollector<Operation> {
  readonly #divergedVolumes: DivergedVolume[] = []

  divergedVolume(volume: DivergedVolume): void {
    this.#divergedVolumes.push(volume)
  }

  build(): Plan {
    return { ...this.collect(), divergedVolumes: this.#divergedVolumes }
  }
}
