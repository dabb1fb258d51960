namespace CoMiGS.Learning.Kernels;

/// <summary>One matrix product with everything that rides along for free while the result is in registers:
/// C = A·B + A2·B2 + bias + addend. Fields left at their defaults are absent.</summary>
/// <remarks>Element (i, k) of A is <c>A[i·ARow + k·AStep]</c>, so both A and Aᵀ serve; with an index, row i of A, C
/// or the addend is row index[i] of that buffer. Element (k, j) of B is <c>B[j / P · BPanel + k·BRow + j % P]</c>
/// with P two vectors: packed panels (<see cref="Packing"/>) and padded row-major matrices (BPanel = P) both serve.
/// Columns are written up to the next whole vector: pad C, and zero the padding of B to keep C's zero.</remarks>
internal unsafe struct Product
{
    public float* A;
    public nint ARow;
    public nint AStep;
    public int* AIndex;
    public int Depth;
    public float* B;
    public nint BRow;
    public nint BPanel;

    /// <summary>Two rows of B lie in one of <see cref="BRow"/> floats, see <see cref="Packing.PackPairs"/>. Only for
    /// results of at most half a vector's columns.</summary>
    public bool BIsPaired;

    /// <summary>B comes from memory, and what lies behind a panel is needed next: it is fetched meanwhile.</summary>
    public bool Streams;

    /// <summary>The low-rank segment: row-major, A2's rows are the rows of C before indexing.</summary>
    public float* A2;
    public nint A2Row;
    public int Depth2;
    public float* B2;
    public nint B2Row;
    public nint B2Panel;

    /// <summary>[columns], times BiasScale[row] if that is present.</summary>
    public float* Bias;
    public float* BiasScale;

    public float* Addend;
    public nint AddendRow;
    public int* AddendIndex;

    public float* C;
    public nint CRow;
    public int* CIndex;


    /// <summary>A and C as they lie, B as given.</summary>
    public Product(Matrix a, int depth, Panels b, Matrix c)
    {
        A = a.Data;
        ARow = a.Stride;
        AStep = 1;
        Depth = depth;
        B = b.Data;
        BRow = b.Row;
        BPanel = b.Panel;
        BIsPaired = b.IsPaired;
        C = c.Data;
        CRow = c.Stride;
    }

    /// <summary>C = Aᵀ·B: <paramref name="depth"/> is the number of rows of both.</summary>
    public static Product TransposedLeft(Matrix a, int depth, Panels b, Matrix c) =>
        new(a, depth, b, c) { ARow = 1, AStep = a.Stride };

    public void AddLowRank(Matrix a, int depth, Panels b)
    {
        A2 = a.Data;
        A2Row = a.Stride;
        Depth2 = depth;
        B2 = b.Data;
        B2Row = b.Row;
        B2Panel = b.Panel;
    }

    public void Add(Matrix addend, int* index = null)
    {
        Addend = addend.Data;
        AddendRow = addend.Stride;
        AddendIndex = index;
    }
}

/// <summary>A right-hand operand, see <see cref="Product"/>.</summary>
/// <param name="data">Element (0, 0).</param>
/// <param name="row">Floats from k to k + 1, or k + 2 when paired.</param>
/// <param name="panel">Floats from a panel of two vectors to the next.</param>
internal readonly unsafe struct Panels(float* data, nint row, nint panel, bool isPaired = false)
{
    public float* Data => data;

    public nint Row => row;

    public nint Panel => panel;

    public bool IsPaired => isPaired;

    /// <summary>The operand without its first rows, an even number.</summary>
    public Panels SkipRows(int rows) => new(data + ((isPaired ? rows / 2 : rows) * row), row, panel, isPaired);

    public Panels SkipPanels(int panels) => new(data + (panels * panel), row, panel, isPaired);
}
