using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

// The tiles: written out, because accumulators stay in registers only as locals of one method.
internal static unsafe partial class ProductKernel<TSimd, TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x2(in Product p, in ProductTile tile)
    {
        float* a = tile.A, b = tile.B, ahead = tile.Ahead;
        nint aStep = p.AStep, bStep = p.BRow;
        nint o1 = tile.ARows[1], o2 = tile.ARows[2], o3 = tile.ARows[3], o4 = tile.ARows[4];
        nint o5 = tile.ARows[5], o6 = tile.ARows[6], o7 = tile.ARows[7];
        TVector c00 = TSimd.Zero, c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
        TVector c40 = c00, c41 = c00, c50 = c00, c51 = c00, c60 = c00, c61 = c00, c70 = c00, c71 = c00;
        for (var depth = p.Depth; depth > 0; depth -= 8)
        {
            Cache.Fetch(ahead);
            ahead += Matrix.Grain;
            for (var steps = Math.Min(depth, 8); steps > 0; steps--)
            {
                TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + TSimd.Width), x = TSimd.Broadcast(*a);
                c00 = TSimd.Fma(x, b0, c00);
                c01 = TSimd.Fma(x, b1, c01);
                x = TSimd.Broadcast(a[o1]);
                c10 = TSimd.Fma(x, b0, c10);
                c11 = TSimd.Fma(x, b1, c11);
                x = TSimd.Broadcast(a[o2]);
                c20 = TSimd.Fma(x, b0, c20);
                c21 = TSimd.Fma(x, b1, c21);
                x = TSimd.Broadcast(a[o3]);
                c30 = TSimd.Fma(x, b0, c30);
                c31 = TSimd.Fma(x, b1, c31);
                x = TSimd.Broadcast(a[o4]);
                c40 = TSimd.Fma(x, b0, c40);
                c41 = TSimd.Fma(x, b1, c41);
                x = TSimd.Broadcast(a[o5]);
                c50 = TSimd.Fma(x, b0, c50);
                c51 = TSimd.Fma(x, b1, c51);
                x = TSimd.Broadcast(a[o6]);
                c60 = TSimd.Fma(x, b0, c60);
                c61 = TSimd.Fma(x, b1, c61);
                x = TSimd.Broadcast(a[o7]);
                c70 = TSimd.Fma(x, b0, c70);
                c71 = TSimd.Fma(x, b1, c71);
                a += aStep;
                b += bStep;
            }
        }

        if (p.Depth2 > 0)
        {
            a = tile.A2;
            b = tile.B2;
            bStep = p.B2Row;
            o1 = tile.A2Rows[1];
            o2 = tile.A2Rows[2];
            o3 = tile.A2Rows[3];
            o4 = tile.A2Rows[4];
            o5 = tile.A2Rows[5];
            o6 = tile.A2Rows[6];
            o7 = tile.A2Rows[7];
            for (var depth = p.Depth2; depth > 0; depth--)
            {
                TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + TSimd.Width), x = TSimd.Broadcast(*a);
                c00 = TSimd.Fma(x, b0, c00);
                c01 = TSimd.Fma(x, b1, c01);
                x = TSimd.Broadcast(a[o1]);
                c10 = TSimd.Fma(x, b0, c10);
                c11 = TSimd.Fma(x, b1, c11);
                x = TSimd.Broadcast(a[o2]);
                c20 = TSimd.Fma(x, b0, c20);
                c21 = TSimd.Fma(x, b1, c21);
                x = TSimd.Broadcast(a[o3]);
                c30 = TSimd.Fma(x, b0, c30);
                c31 = TSimd.Fma(x, b1, c31);
                x = TSimd.Broadcast(a[o4]);
                c40 = TSimd.Fma(x, b0, c40);
                c41 = TSimd.Fma(x, b1, c41);
                x = TSimd.Broadcast(a[o5]);
                c50 = TSimd.Fma(x, b0, c50);
                c51 = TSimd.Fma(x, b1, c51);
                x = TSimd.Broadcast(a[o6]);
                c60 = TSimd.Fma(x, b0, c60);
                c61 = TSimd.Fma(x, b1, c61);
                x = TSimd.Broadcast(a[o7]);
                c70 = TSimd.Fma(x, b0, c70);
                c71 = TSimd.Fma(x, b1, c71);
                a++;
                b += bStep;
            }
        }

        if (tile.Bias != null)
        {
            TVector b0 = TSimd.Load(tile.Bias), b1 = TSimd.Load(tile.Bias + TSimd.Width);
            var scale = TSimd.Broadcast(tile.BiasScale[0]);
            c00 = TSimd.Fma(scale, b0, c00);
            c01 = TSimd.Fma(scale, b1, c01);
            scale = TSimd.Broadcast(tile.BiasScale[1]);
            c10 = TSimd.Fma(scale, b0, c10);
            c11 = TSimd.Fma(scale, b1, c11);
            scale = TSimd.Broadcast(tile.BiasScale[2]);
            c20 = TSimd.Fma(scale, b0, c20);
            c21 = TSimd.Fma(scale, b1, c21);
            scale = TSimd.Broadcast(tile.BiasScale[3]);
            c30 = TSimd.Fma(scale, b0, c30);
            c31 = TSimd.Fma(scale, b1, c31);
            scale = TSimd.Broadcast(tile.BiasScale[4]);
            c40 = TSimd.Fma(scale, b0, c40);
            c41 = TSimd.Fma(scale, b1, c41);
            scale = TSimd.Broadcast(tile.BiasScale[5]);
            c50 = TSimd.Fma(scale, b0, c50);
            c51 = TSimd.Fma(scale, b1, c51);
            scale = TSimd.Broadcast(tile.BiasScale[6]);
            c60 = TSimd.Fma(scale, b0, c60);
            c61 = TSimd.Fma(scale, b1, c61);
            scale = TSimd.Broadcast(tile.BiasScale[7]);
            c70 = TSimd.Fma(scale, b0, c70);
            c71 = TSimd.Fma(scale, b1, c71);
        }

        if (tile.Addend != null)
        {
            var at = tile.Addend;
            c00 = TSimd.Add(c00, TSimd.Load(at));
            c01 = TSimd.Add(c01, TSimd.Load(at + TSimd.Width));
            at = tile.Addend + tile.AddendRows[1];
            c10 = TSimd.Add(c10, TSimd.Load(at));
            c11 = TSimd.Add(c11, TSimd.Load(at + TSimd.Width));
            at = tile.Addend + tile.AddendRows[2];
            c20 = TSimd.Add(c20, TSimd.Load(at));
            c21 = TSimd.Add(c21, TSimd.Load(at + TSimd.Width));
            at = tile.Addend + tile.AddendRows[3];
            c30 = TSimd.Add(c30, TSimd.Load(at));
            c31 = TSimd.Add(c31, TSimd.Load(at + TSimd.Width));
            at = tile.Addend + tile.AddendRows[4];
            c40 = TSimd.Add(c40, TSimd.Load(at));
            c41 = TSimd.Add(c41, TSimd.Load(at + TSimd.Width));
            at = tile.Addend + tile.AddendRows[5];
            c50 = TSimd.Add(c50, TSimd.Load(at));
            c51 = TSimd.Add(c51, TSimd.Load(at + TSimd.Width));
            at = tile.Addend + tile.AddendRows[6];
            c60 = TSimd.Add(c60, TSimd.Load(at));
            c61 = TSimd.Add(c61, TSimd.Load(at + TSimd.Width));
            at = tile.Addend + tile.AddendRows[7];
            c70 = TSimd.Add(c70, TSimd.Load(at));
            c71 = TSimd.Add(c71, TSimd.Load(at + TSimd.Width));
        }

        var to = tile.C;
        TSimd.Store(to, c00);
        TSimd.Store(to + TSimd.Width, c01);
        to = tile.C + tile.CRows[1];
        TSimd.Store(to, c10);
        TSimd.Store(to + TSimd.Width, c11);
        to = tile.C + tile.CRows[2];
        TSimd.Store(to, c20);
        TSimd.Store(to + TSimd.Width, c21);
        to = tile.C + tile.CRows[3];
        TSimd.Store(to, c30);
        TSimd.Store(to + TSimd.Width, c31);
        to = tile.C + tile.CRows[4];
        TSimd.Store(to, c40);
        TSimd.Store(to + TSimd.Width, c41);
        to = tile.C + tile.CRows[5];
        TSimd.Store(to, c50);
        TSimd.Store(to + TSimd.Width, c51);
        to = tile.C + tile.CRows[6];
        TSimd.Store(to, c60);
        TSimd.Store(to + TSimd.Width, c61);
        to = tile.C + tile.CRows[7];
        TSimd.Store(to, c70);
        TSimd.Store(to + TSimd.Width, c71);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x2(in Product p, in ProductTile tile)
    {
        float* a = tile.A, b = tile.B;
        nint aStep = p.AStep, bStep = p.BRow;
        nint o1 = tile.ARows[1], o2 = tile.ARows[2], o3 = tile.ARows[3];
        TVector c00 = TSimd.Zero, c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
        for (var depth = p.Depth; depth > 0; depth--)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + TSimd.Width), x = TSimd.Broadcast(*a);
            c00 = TSimd.Fma(x, b0, c00);
            c01 = TSimd.Fma(x, b1, c01);
            x = TSimd.Broadcast(a[o1]);
            c10 = TSimd.Fma(x, b0, c10);
            c11 = TSimd.Fma(x, b1, c11);
            x = TSimd.Broadcast(a[o2]);
            c20 = TSimd.Fma(x, b0, c20);
            c21 = TSimd.Fma(x, b1, c21);
            x = TSimd.Broadcast(a[o3]);
            c30 = TSimd.Fma(x, b0, c30);
            c31 = TSimd.Fma(x, b1, c31);
            a += aStep;
            b += bStep;
        }

        if (p.Depth2 > 0)
        {
            a = tile.A2;
            b = tile.B2;
            bStep = p.B2Row;
            o1 = tile.A2Rows[1];
            o2 = tile.A2Rows[2];
            o3 = tile.A2Rows[3];
            for (var depth = p.Depth2; depth > 0; depth--)
            {
                TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + TSimd.Width), x = TSimd.Broadcast(*a);
                c00 = TSimd.Fma(x, b0, c00);
                c01 = TSimd.Fma(x, b1, c01);
                x = TSimd.Broadcast(a[o1]);
                c10 = TSimd.Fma(x, b0, c10);
                c11 = TSimd.Fma(x, b1, c11);
                x = TSimd.Broadcast(a[o2]);
                c20 = TSimd.Fma(x, b0, c20);
                c21 = TSimd.Fma(x, b1, c21);
                x = TSimd.Broadcast(a[o3]);
                c30 = TSimd.Fma(x, b0, c30);
                c31 = TSimd.Fma(x, b1, c31);
                a++;
                b += bStep;
            }
        }

        if (tile.Bias != null)
        {
            TVector b0 = TSimd.Load(tile.Bias), b1 = TSimd.Load(tile.Bias + TSimd.Width);
            var scale = TSimd.Broadcast(tile.BiasScale[0]);
            c00 = TSimd.Fma(scale, b0, c00);
            c01 = TSimd.Fma(scale, b1, c01);
            scale = TSimd.Broadcast(tile.BiasScale[1]);
            c10 = TSimd.Fma(scale, b0, c10);
            c11 = TSimd.Fma(scale, b1, c11);
            scale = TSimd.Broadcast(tile.BiasScale[2]);
            c20 = TSimd.Fma(scale, b0, c20);
            c21 = TSimd.Fma(scale, b1, c21);
            scale = TSimd.Broadcast(tile.BiasScale[3]);
            c30 = TSimd.Fma(scale, b0, c30);
            c31 = TSimd.Fma(scale, b1, c31);
        }

        if (tile.Addend != null)
        {
            var at = tile.Addend;
            c00 = TSimd.Add(c00, TSimd.Load(at));
            c01 = TSimd.Add(c01, TSimd.Load(at + TSimd.Width));
            at = tile.Addend + tile.AddendRows[1];
            c10 = TSimd.Add(c10, TSimd.Load(at));
            c11 = TSimd.Add(c11, TSimd.Load(at + TSimd.Width));
            at = tile.Addend + tile.AddendRows[2];
            c20 = TSimd.Add(c20, TSimd.Load(at));
            c21 = TSimd.Add(c21, TSimd.Load(at + TSimd.Width));
            at = tile.Addend + tile.AddendRows[3];
            c30 = TSimd.Add(c30, TSimd.Load(at));
            c31 = TSimd.Add(c31, TSimd.Load(at + TSimd.Width));
        }

        var to = tile.C;
        TSimd.Store(to, c00);
        TSimd.Store(to + TSimd.Width, c01);
        to = tile.C + tile.CRows[1];
        TSimd.Store(to, c10);
        TSimd.Store(to + TSimd.Width, c11);
        to = tile.C + tile.CRows[2];
        TSimd.Store(to, c20);
        TSimd.Store(to + TSimd.Width, c21);
        to = tile.C + tile.CRows[3];
        TSimd.Store(to, c30);
        TSimd.Store(to + TSimd.Width, c31);
    }
}
