using System.Runtime.InteropServices;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Training;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>Parameters, moments and gradients of U users of one shape, each [U, layout length] on the device.</summary>
internal sealed class AdapterStack : IDisposable
{
    private readonly UserModel[] users;

    public AdapterStack(ParameterLayout layout, UserModel[] users, Device device)
    {
        this.users = users;
        Layout = layout;
        Parameters = Upload(user => user.Parameters, device);
        FirstMoments = Upload(user => user.FirstMoments, device);
        SecondMoments = Upload(user => user.SecondMoments, device);
        Gradients = zeros([users.Length, layout.Length], device: device).DetachFromDisposeScope();
    }

    public ParameterLayout Layout { get; }

    public AdapterShape Shape => Layout.Adapters;

    public int UserCount => users.Length;

    public Tensor Parameters { get; }

    public Tensor FirstMoments { get; }

    public Tensor SecondMoments { get; }

    public Tensor Gradients { get; }

    /// <summary>A view [U, rows, columns] of one matrix of all users.</summary>
    public Tensor Matrix(Tensor stack, AdapterSite site, Factor factor, int layer)
    {
        var parameter = Layout[site, factor, layer];
        return stack.narrow(1, parameter.Offset, parameter.Length).view(UserCount, parameter.Rows, parameter.Columns);
    }

    /// <summary>A view [U, E, rows, columns] of one matrix of all experts of all users: experts lie one behind the
    /// other, each laid out like the first.</summary>
    public Tensor Experts(Tensor stack, AdapterSite site, Factor factor, int layer)
    {
        var parameter = Layout[site, factor, layer];
        int experts = Shape.ExpertCount, first = Layout[AdapterSite.MlpInput, Factor.A, 0].Offset;
        var length = Layout.AdapterLength - first;
        return stack.narrow(1, first, length).view(UserCount, experts, length / experts)
            .narrow(2, parameter.Offset - first, parameter.Length)
            .view(UserCount, experts, parameter.Rows, parameter.Columns);
    }

    /// <summary>Adds a term's gradient for every user; the term is computed on the CPU.</summary>
    /// <returns>Its value for every user.</returns>
    public double[] AddTerm(ParameterTerm term)
    {
        var values = new double[users.Length];
        for (var user = 0; user < users.Length; user++)
        {
            using var scope = NewDisposeScope();
            var gradient = new float[Layout.Length];
            values[user] = term(Layout, Download(Parameters, user), gradient);
            Gradients.select(0, user).add_(tensor(gradient, [Layout.Length], device: Gradients.device));
        }

        return values;
    }

    /// <summary>One user's gradient [layout length].</summary>
    public float[] Gradient(int user) => Download(Gradients, user);

    /// <summary>The users as they are now, with their counts of steps moved on.</summary>
    public UserModel[] Download(int expertSteps, int routerSteps) =>
        [.. users.Select((user, index) => user with
        {
            Parameters = Download(Parameters, index),
            FirstMoments = Download(FirstMoments, index),
            SecondMoments = Download(SecondMoments, index),
            ExpertSteps = user.ExpertSteps + expertSteps,
            RouterSteps = user.RouterSteps + routerSteps,
        })];

    public void Dispose()
    {
        Parameters.Dispose();
        FirstMoments.Dispose();
        SecondMoments.Dispose();
        Gradients.Dispose();
    }

    private static float[] Download(Tensor stack, int user)
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(stack.select(0, user).cpu().bytes).ToArray();
    }

    private Tensor Upload(Func<UserModel, float[]> select, Device device)
    {
        using var scope = NewDisposeScope();
        var stack = empty([users.Length, Layout.Length], device: device);
        for (var user = 0; user < users.Length; user++)
        {
            stack.select(0, user).copy_(tensor(select(users[user]), [Layout.Length]));
        }

        return stack.DetachFromDisposeScope();
    }
}
