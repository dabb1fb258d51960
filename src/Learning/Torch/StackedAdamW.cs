using CoMiGS.Learning.Kernels;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>AdamW of all users of a stack at once; each user has taken a number of steps of its own.</summary>
internal static class StackedAdamW
{
    /// <param name="start">First parameter to step.</param>
    /// <param name="length">How many.</param>
    /// <param name="steps">Steps of each user, this one included.</param>
    public static void Step(
        AdapterStack stack, int start, int length, int[] steps, float learningRate, AdamWSettings options)
    {
        using var scope = NewDisposeScope();
        Tensor Part(Tensor whole) => whole.narrow(1, start, length);
        Tensor Column(Func<int, double> value) => tensor(
            [.. steps.Select(step => (float)value(step))], [steps.Length, 1], device: stack.Parameters.device);
        Tensor parameters = Part(stack.Parameters), gradient = Part(stack.Gradients);
        Tensor first = Part(stack.FirstMoments), second = Part(stack.SecondMoments);

        first.mul_(options.Beta1).add_(gradient, 1 - options.Beta1);
        second.mul_(options.Beta2).addcmul_(gradient, gradient, 1 - options.Beta2);
        var deviation = second.sqrt().div_(Column(step => Math.Sqrt(1 - Math.Pow(options.Beta2, step))))
            .add_(options.Epsilon);
        var rate = Column(step => learningRate / (1 - Math.Pow(options.Beta1, step)));
        parameters.mul_(1 - (learningRate * options.WeightDecay)).sub_(first.div(deviation).mul_(rate));
    }
}
