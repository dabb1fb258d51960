namespace CoMiGS.Learning.Methods;

/// <summary>What a user makes of what the server sends.</summary>
public enum Reception
{
    /// <summary>Puts it in the place of its own (as far as its rank goes).</summary>
    Copy,

    /// <summary>Gets everybody's parameters and takes their mean, weighted by how well each predicts its valid text
    /// (<see cref="PeerMixing"/>).</summary>
    MixByValid,

    /// <summary>Copies while training goes on; what is measured is the best combination of its own and the mean on its
    /// valid text (<see cref="AdapterFusion"/>).</summary>
    FuseByValid,
}
