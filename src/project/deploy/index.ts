/** Projects on clusters. */

export { deployToJson, renderDeploy } from '../../deploy/plan/render.ts'
export type { Cluster, ClusterKind, DeployPlan, DeployWork } from '../cluster/cluster.ts'
export type { Choice } from './choose.ts'
export { openCluster, whichCluster } from './open-cluster.ts'
