// Spans and metrics are the process's: a run's receiver would get those of a run beside it.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
